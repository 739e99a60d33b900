//! Laws of the poker rules: what holds after any sequence of commands, also hostile ones, at any
//! pace, under any policy.

#[path = "laws/moves.rs"]
mod moves;
#[path = "laws/play.rs"]
mod play;
#[path = "laws/secrecy.rs"]
mod secrecy;

use proptest::prelude::*;
use roundtable::rules::poker::player::Standing;
use roundtable::rules::poker::{Event, Poker, Stage};
use roundtable::rules::{Actor, Machine, Recorded, Timestamp};

use moves::{Move, game};
use play::Play;

/// Games per law; a game is up to [`moves::MAX_MOVES`] commands long.
const CASES: u32 = 96;

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: CASES,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Everything that must be true of every state.
fn assert_sound(state: &Poker) {
    if state.stage == Stage::Unborn {
        assert_eq!(state, &Poker::default());
        return;
    }
    assert_host(state);
    assert_players(state);
    assert_stories(state);
    assert_round(state);
}

fn assert_host(state: &Poker) {
    let hosts: Vec<_> = state
        .players
        .iter()
        .filter(|player| state.is_host(player.id))
        .collect();
    let [host] = &hosts[..] else {
        panic!("not exactly one host: {hosts:?}");
    };
    assert_ne!(host.standing, Standing::Removed);
}

fn assert_players(state: &Poker) {
    assert_unique(state.players.iter().map(|player| player.id));
    for player in &state.players {
        assert_unique(player.seats.iter().map(|seat| seat.id));
        assert!(
            player.present() || player.seats.is_empty(),
            "{player:?} sits although he is gone"
        );
    }
    let joined = state.players.iter().map(|player| player.joined_at);
    assert!(
        joined.is_sorted(),
        "players are not in the order of joining"
    );
}

fn assert_stories(state: &Poker) {
    assert_unique(state.stories.iter().map(|story| story.id));
    let orders = state.stories.iter().map(|story| story.order);
    assert!(orders.is_sorted(), "stories are not in their order");
    let active = state
        .stories
        .iter()
        .filter(|story| state.is_active(story.id));
    assert_eq!(active.count(), usize::from(state.active().is_some()));
}

fn assert_round(state: &Poker) {
    assert!(state.vote_count() <= state.total_players());
    assert!(state.total_players() <= state.roster().count());
    let Some(round) = &state.round else { return };
    assert_eq!(round.number, state.rounds);
    assert_unique(round.votes.iter().map(|vote| vote.player));
    for vote in &round.votes {
        let voter = state.player(vote.player).expect("voters are remembered");
        assert_ne!(voter.standing, Standing::Removed);
    }
}

fn assert_unique<T: Ord + std::fmt::Debug>(items: impl Iterator<Item = T>) {
    let mut items: Vec<T> = items.collect();
    items.sort();
    let all = items.len();
    items.dedup();
    assert_eq!(items.len(), all, "something is there twice: {items:?}");
}

/// How many players, seats, stories and votes there are; a repetition must not add any.
fn census(state: &Poker) -> [usize; 4] {
    let seats = state.players.iter().map(|player| player.seats.len()).sum();
    let votes = state.round.as_ref().map_or(0, |round| round.votes.len());
    [state.players.len(), seats, state.stories.len(), votes]
}

fn fold(from: &Poker, log: &[Recorded<Event>]) -> Poker {
    let mut state = from.clone();
    for recorded in log {
        state.evolve(recorded.at, &recorded.event);
    }
    state
}

fn through_json<T: serde::Serialize + serde::de::DeserializeOwned>(value: &T) -> T {
    let text = serde_json::to_string(value).expect("it encodes");
    serde_json::from_str(&text).expect("it decodes")
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_state_is_sound((policy, moves) in game()) {
        let mut play = Play::new(policy);
        for next in moves {
            play.make(next, |play, _| assert_sound(&play.state));
            let state = &play.state;
            let waits = state.settings.auto_reveal && state.is_complete();
            prop_assert!(state.is_revealed() || !waits, "the server should have revealed");
        }
    }

    #[test]
    fn the_state_is_the_fold_of_the_stored_log((policy, moves) in game()) {
        let play = Play::through(policy, moves);
        let stored: Vec<Recorded<Event>> = play.log.iter().map(through_json).collect();
        prop_assert_eq!(&stored, &play.log);
        prop_assert_eq!(fold(&Poker::default(), &stored), play.state);
    }

    #[test]
    fn a_stored_state_resumes_where_it_was(
        (policy, moves) in game(),
        cut in any::<prop::sample::Index>(),
    ) {
        let play = Play::through(policy, moves);
        let (before, behind) = play.log.split_at(cut.index(play.log.len() + 1));
        let stored = fold(&Poker::default(), before);
        let resumed = through_json(&stored);
        prop_assert_eq!(&resumed, &stored);
        prop_assert_eq!(fold(&resumed, behind), play.state);
    }

    #[test]
    fn a_command_repeated_at_once_adds_nothing_and_nobody((policy, moves) in game()) {
        let mut play = Play::new(policy);
        for next in moves {
            let Some(done) = play.make(next, |_, _| {}) else { continue };
            let before = census(&play.state);
            play.repeat(&done);
            assert_sound(&play.state);
            let after = census(&play.state);
            prop_assert!(
                after.iter().zip(&before).all(|(after, before)| after <= before),
                "{:?} took {:?} to {:?}", done, before, after
            );
        }
    }

    #[test]
    fn a_command_repeated_much_later_does_no_harm((policy, moves) in game()) {
        let mut play = Play::new(policy);
        let done: Vec<_> = moves
            .into_iter()
            .filter_map(|next| play.make(next, |_, _| {}))
            .collect();
        for done in &done {
            play.repeat(done);
            assert_sound(&play.state);
        }
    }

    #[test]
    fn whatever_is_due_gets_done_and_nothing_before((policy, moves) in game()) {
        let mut play = Play::new(policy);
        for next in moves {
            play.make(next, |_, _| {});
            play.assert_nothing_happens_early();
            play.settle();
        }
        play.run_out();
    }

    #[test]
    fn refused_commands_leave_no_trace((policy, moves) in game()) {
        let mut play = Play::new(policy);
        for next in moves {
            let (before, length) = (play.state.clone(), play.log.len());
            if play.make(next, |_, _| {}).is_none() {
                prop_assert_eq!(&play.state, &before);
                prop_assert_eq!(play.log.len(), length);
            }
        }
    }

    #[test]
    fn nobody_but_the_host_does_what_is_the_host_s((policy, moves) in game()) {
        let mut play = Play::new(policy);
        for next in moves {
            let host = play.state.host;
            let done = play.make(next, |_, _| {});
            let Some((Actor::Player(actor), command)) = done else { continue };
            prop_assert!(
                !moves::is_host_only(&command) || host == Some(actor),
                "{} did {:?}", actor, command
            );
        }
    }
}

#[test]
fn the_clock_of_a_room_never_goes_back() {
    let policy = moves::policies()[0];
    let mut play = Play::new(policy);
    play.make(Move::opening(), |_, _| {});
    let opened = play.log.last().expect("it was opened").at;
    play.wall = Timestamp::from_millis(0);
    play.make(Move::opening(), |_, _| {});
    assert_eq!(play.now(), opened);
}
