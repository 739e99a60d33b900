//! The rules of planning poker as sentences: given what happened, when somebody wants something,
//! then these are the facts. What is given is played through `decide`, so every scene is reachable.

mod amending;
mod backlog;
mod entry;
mod expiry;
mod hosting;
mod keys;
mod planning;
mod presence;
mod reveal;
mod screens;
mod session;
mod starting;
mod stats;
mod timer;
mod voting;
mod words;

use std::sync::LazyLock;
use std::time::Duration;

use uuid::Uuid;

use super::command::{
    Audience, Departure, Door, Entrance, Life, NewSession, NewStory, Newcomer, PlayerChange,
    StoryChange, StoryRef, Wording,
};
use super::event::NewPlayer;
use super::story::Origin;
use super::{Command, Event, Player, Poker, Policy, Rejection, Settings, SettingsPatch};
use crate::rules::ids::{NodeId, PlayerId, SeatId, StoryId, VoteId};
use crate::rules::{Actor, Context, Machine, Timestamp};
use words::*;

type Cx = Context<'static, Policy>;

const ANN: PlayerId = PlayerId::new(Uuid::from_u128(0xa));
const BEN: PlayerId = PlayerId::new(Uuid::from_u128(0xb));
const CAT: PlayerId = PlayerId::new(Uuid::from_u128(0xc));
const NOBODY: PlayerId = PlayerId::new(Uuid::from_u128(0xf));
const ONE: StoryId = StoryId::new(Uuid::from_u128(0x51));
const TWO: StoryId = StoryId::new(Uuid::from_u128(0x52));
const THREE: StoryId = StoryId::new(Uuid::from_u128(0x53));
const NODE: NodeId = NodeId::new(Uuid::from_u128(0x71));
const OTHER_NODE: NodeId = NodeId::new(Uuid::from_u128(0x72));
const TAB: SeatId = SeatId::new(Uuid::from_u128(0x91));
const OTHER_TAB: SeatId = SeatId::new(Uuid::from_u128(0x92));
/// Whatever a command creates without naming it.
const FRESH: Uuid = Uuid::from_u128(0xfe);

/// When Ann opens her session.
const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);

static POLICY: LazyLock<Policy> = LazyLock::new(Policy::default);

/// Something that is done at a moment: at the start, unless said otherwise.
trait At: Sized {
    /// The same, so many seconds after the start.
    fn at(self, secs: u64) -> Self;
}

/// Something that happened: a command that succeeded.
struct Fact {
    at: Timestamp,
    actor: Actor,
    command: Command,
}

impl At for Fact {
    fn at(self, secs: u64) -> Self {
        let at = moment(secs);
        Self { at, ..self }
    }
}

impl At for Cx {
    fn at(self, secs: u64) -> Self {
        let now = moment(secs);
        Self { now, ..self }
    }
}

fn moment(secs: u64) -> Timestamp {
    START.after(Duration::from_secs(secs))
}

/// Ann's session, after these facts.
fn given<const N: usize>(facts: [Fact; N]) -> Poker {
    let created = fact(Actor::System, Command::CreateSession(Box::new(plan())));
    let opened = then(Poker::default(), created);
    facts.into_iter().fold(opened, then)
}

/// The state after one more fact.
fn then(before: Poker, fact: Fact) -> Poker {
    let cx = Cx {
        now: fact.at,
        actor: fact.actor,
        ..by_system()
    };
    let events = before.decide(&cx, fact.command.clone());
    let events = events.unwrap_or_else(|why| panic!("{:?} was refused: {why}", fact.command));
    after(&before, cx.now, &events)
}

/// The state after these events.
fn after(before: &Poker, at: Timestamp, events: &[Event]) -> Poker {
    let mut state = before.clone();
    events.iter().for_each(|event| state.evolve(at, event));
    state
}

/// A player gives a command, a second after the start.
fn by(player: PlayerId) -> Cx {
    Cx {
        actor: Actor::Player(player),
        ..by_system()
    }
}

/// The server itself gives a command, a second after the start.
fn by_system() -> Cx {
    Cx {
        now: moment(1),
        actor: Actor::System,
        fresh: FRESH,
        policy: &POLICY,
    }
}

fn fact(actor: Actor, command: Command) -> Fact {
    Fact {
        at: START,
        actor,
        command,
    }
}

/// A player did this.
fn did(player: PlayerId, command: Command) -> Fact {
    fact(Actor::Player(player), command)
}

/// The events of a command that nobody refuses.
fn facts(state: &Poker, cx: &Cx, command: Command) -> Vec<Event> {
    state.decide(cx, command).expect("nobody refuses this")
}

fn has_left(player: PlayerId) -> Event {
    Event::PlayerLeft { player }
}

fn host_changed(previous: PlayerId, host: PlayerId) -> Event {
    Event::HostChanged { host, previous }
}

fn opened<const N: usize>(story: StoryId, players: [PlayerId; N]) -> Event {
    let counted = players.into();
    Event::CardsRevealed {
        story,
        counted,
        countdown: false,
    }
}

fn estimated(story: StoryId, estimate: &str) -> Event {
    Event::StoryUpdated {
        story,
        title: None,
        description: None,
        estimate: Some(estimate.into()),
        completed: false,
        deactivated: false,
    }
}

fn who(state: &Poker, id: PlayerId) -> &Player {
    state.player(id).expect("the session knows this player")
}

/// Cards on the table: how many count, of how many that are asked for.
fn totals(state: &Poker) -> (usize, usize) {
    (state.vote_count(), state.total_players())
}
