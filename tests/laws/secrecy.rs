//! The secrecy of cards: no value leaves the server before its reveal, on any channel, to anybody
//! ; the values of rounds that were never revealed do not leave it at all.

use std::collections::BTreeMap;

use proptest::prelude::*;
use roundtable::room::{Committed, Look};
use roundtable::rules::ids::SessionId;
use roundtable::rules::poker::{Event, Poker, Round, View};
use roundtable::rules::{PlayerId, Version};
use roundtable::wire::poker::frames::{catch_up, of_event};
use roundtable::wire::poker::history::RoundObject;
use roundtable::wire::poker::objects::{OpenVote, PlayerObject, SessionState, StoryObject};
use roundtable::wire::poker::screen::Screen;
use roundtable::wire::signal::frames::{News, Scene, created, joined};
use roundtable::wire::signal::ids::{Names, Viewer};
use roundtable::wire::signal::objects::Shot;
use roundtable::wire::socketio::Frame;
use serde::Serialize;
use uuid::Uuid;

use crate::moves::game;
use crate::play::Play;

/// Games for this law; each writes thousands of frames.
const CASES: u32 = 32;

/// Every value that was ever played, and whether its card was opened.
#[derive(Default)]
struct Secrets(BTreeMap<String, bool>);

impl Secrets {
    /// Takes note of what the events of one command do; they become known together.
    fn note(&mut self, play: &Play, events: &[Event]) {
        for event in events {
            match event {
                Event::VoteSubmitted { value, .. } => {
                    self.0.entry(value.clone()).or_insert(false);
                }
                Event::CardsRevealed { counted, .. } => {
                    let round = play.state.round.as_ref().expect("a round");
                    let opened = counted.iter().filter_map(|&player| round.vote_of(player));
                    for vote in opened {
                        self.0.insert(vote.value.clone(), true);
                    }
                }
                _ => {}
            }
        }
    }

    fn assert_kept(&self, what: &str, text: &str) {
        for (value, _) in self.0.iter().filter(|&(_, &opened)| !opened) {
            assert!(!text.contains(value), "{value} shows in {what}: {text}");
        }
    }

    fn assert_kept_by(&self, frames: &[Frame]) {
        for frame in frames {
            self.assert_kept(frame.event, frame.body());
        }
    }
}

fn encoded(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("it encodes")
}

/// Every place from which a screen may come back, as far as the state knows.
fn priors(state: &Poker) -> Vec<Option<View>> {
    let seats = state.players.iter().flat_map(|player| &player.seats);
    let mut priors: Vec<_> = seats.map(|seat| seat.prior).collect();
    priors.extend([None, Some(View::default())]);
    priors.dedup();
    priors
}

fn everything_shown_on_connection(play: &Play) -> Vec<Frame> {
    let state = &play.state;
    let look = Look {
        changed_at: std::time::Instant::now(),
        version: Version(play.log.len() as u64),
        now: play.now(),
        state,
    };
    let session = SessionId::new(Uuid::from_u128(1));
    let screen = Screen::of(session, &look);
    let mut frames = vec![screen.joined(None, None)];
    for id in state.players.iter().map(|player| player.id) {
        frames.push(screen.joined(Some(id), Some("token")));
        frames.extend(screen.reconnected(id));
    }
    let missed = priors(state).into_iter();
    frames.extend(missed.flat_map(|prior| catch_up(state, prior)));
    frames
}

/// The objects that answers over REST are made of.
fn rest_objects(play: &Play) -> String {
    let state = &play.state;
    let archived = state
        .stories
        .iter()
        .filter_map(|story| story.last_round.as_ref());
    let opened: Vec<_> = archived
        .chain(&state.round)
        .flat_map(Round::opened)
        .map(|vote| OpenVote::of(state, vote))
        .collect();
    let players: Vec<_> = state
        .players
        .iter()
        .map(|player| PlayerObject::of(state, player))
        .collect();
    let stories = StoryObject::list(state);
    encoded(&(
        SessionState::at(state, play.now()),
        players,
        stories,
        opened,
        RoundObject::list(state),
    ))
}

/// Every snapshot that a page of the raw WebSocket dialect may be shown, by everybody's eyes.
fn snapshots(play: &Play) -> Vec<String> {
    let scene = Scene {
        session: SessionId::new(Uuid::from_u128(1)),
        state: &play.state,
        at: play.now(),
    };
    let viewers = play.state.players.iter().map(|player| {
        let (player, user_id) = (player.id, "user");
        Some(Viewer { player, user_id })
    });
    let shots = [Shot::Present, Shot::WithoutResult, Shot::WithEmptyResult];
    let mut snapshots = Vec::new();
    for names in viewers.chain([None]).map(|it| Names::of(&play.state, it)) {
        snapshots.push(joined(scene, names));
        snapshots.push(created(scene, names));
        let news = shots.map(News::Session);
        snapshots.extend(news.map(|news| news.encode(scene, names)));
    }
    snapshots.iter().map(|it| it.as_str().to_owned()).collect()
}

fn told_of_the_last_event(play: &Play) -> Vec<Frame> {
    let recorded = play.log.last().expect("something happened");
    of_event(&Committed {
        ends_command: true,
        version: Version(play.log.len() as u64),
        recorded,
        after: &play.state,
    })
}

/// Whose votes a frame or answer may show: those who were on the table when the cards were opened.
fn opened_by(state: &Poker) -> Vec<PlayerId> {
    let round = state.round.as_ref();
    round.map_or_else(Vec::new, |round| {
        round.opened().map(|vote| vote.player).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, ..crate::config() })]

    #[test]
    fn no_value_is_shown_to_anybody_before_its_reveal((policy, moves) in game()) {
        let mut play = Play::new(policy);
        let mut secrets = Secrets::default();
        for next in moves {
            play.make(next, |play, events| {
                secrets.note(play, events);
                secrets.assert_kept_by(&told_of_the_last_event(play));
            });
            secrets.assert_kept_by(&everything_shown_on_connection(&play));
            secrets.assert_kept("an answer over REST", &rest_objects(&play));
            for snapshot in snapshots(&play) {
                secrets.assert_kept("a snapshot", &snapshot);
            }
        }
    }

    #[test]
    fn while_the_cards_are_closed_no_frame_speaks_of_values((policy, moves) in game()) {
        let mut play = Play::new(policy);
        for next in moves {
            play.make(next, |_, _| {});
            if play.state.is_revealed() {
                continue;
            }
            prop_assert!(opened_by(&play.state).is_empty());
            for frame in everything_shown_on_connection(&play) {
                for word in ["\"value\"", "\"confidence\"", "\"consensus\"", "\"votes\""] {
                    prop_assert!(!frame.body().contains(word), "{:?}", frame);
                }
            }
            for snapshot in snapshots(&play) {
                prop_assert!(!snapshot.contains("\"vote\":"), "{}", snapshot);
            }
        }
    }

    #[test]
    fn a_result_stays_the_same_until_its_round_ends_or_a_player_is_removed(
        (policy, moves) in game(),
    ) {
        let mut play = Play::new(policy);
        let mut shown: Option<(u64, Vec<PlayerId>)> = None;
        for next in moves {
            let mut removal = false;
            play.make(next, |_, events| {
                removal |= events.iter().any(|event| matches!(event, Event::PlayerRemoved { .. }));
            });
            let state = &play.state;
            let now = state.is_revealed().then(|| (state.rounds, opened_by(state)));
            if let (Some(before), Some(now)) = (&shown, &now) && before.0 == now.0 && !removal {
                prop_assert_eq!(before, now);
            }
            shown = now;
        }
    }
}
