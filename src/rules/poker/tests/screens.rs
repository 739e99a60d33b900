//! What a returning screen is known to have shown, so that it can be told what it missed
//! .

use super::*;
use crate::rules::poker::View;

/// What Ben's newest connection was told to have missed.
fn prior(room: &Poker) -> Option<View> {
    who(room, BEN).seats.last().expect("Ben has a seat").prior
}

#[test]
fn a_screen_that_was_never_connected_has_missed_nothing() {
    let room = given([added(ONE), joined(BEN), seated(BEN)]);
    assert_eq!(prior(&room), None);
}

#[test]
fn a_returning_screen_is_told_what_it_showed_last() {
    let room = given([
        joined(BEN),
        seated(BEN),
        added(ONE),
        lost(BEN),
        added(TWO),
        seated(BEN),
    ]);
    let shown = View {
        story: Some(ONE),
        round: 1,
        revealed: false,
    };
    assert_eq!(prior(&room), Some(shown));
    assert_eq!(
        room.view(),
        View {
            story: Some(TWO),
            round: 2,
            revealed: false,
        }
    );
}

#[test]
fn a_returning_screen_remembers_open_cards_and_rounds() {
    let room = given([
        joined(BEN),
        seated(BEN),
        added(ONE),
        voted(ANN, "5"),
        revealed(),
        lost(BEN),
        round_reset(),
        seated(BEN),
    ]);
    let shown = View {
        story: Some(ONE),
        round: 1,
        revealed: true,
    };
    assert_eq!(prior(&room), Some(shown));
    assert_eq!(room.view().round, 2);
}

#[test]
fn a_connection_that_replaces_one_not_yet_known_to_be_broken_goes_back_to_its_beginning() {
    let room = given([
        joined(BEN),
        seated(BEN),
        added(ONE),
        did(BEN, take_seat(BEN, OTHER_TAB)),
    ]);
    assert_eq!(prior(&room), Some(View::default()));
}
