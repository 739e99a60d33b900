//! Plays a game: decides as a room does, keeps the log, and watches the clock.

use std::time::Duration;

use roundtable::rules::poker::{Command, Event, Poker, Policy};
use roundtable::rules::{Actor, CommandId, Context, Machine, Recorded, Timestamp};
use uuid::Uuid;

use crate::moves::{Move, Who};

/// A command that succeeded, and who gave it.
pub(crate) type Done = (Actor, Command);

pub(crate) struct Play {
    pub(crate) state: Poker,
    pub(crate) log: Vec<Recorded<Event>>,
    /// The wall clock, which may go back; the room's clock does not.
    pub(crate) wall: Timestamp,
    policy: &'static Policy,
    commands: u128,
}

impl Play {
    pub(crate) fn new(policy: &'static Policy) -> Self {
        Self {
            state: Poker::default(),
            log: Vec::new(),
            wall: Timestamp::from_millis(1_800_000_000_000),
            policy,
            commands: 0,
        }
    }

    /// A game played to its end.
    pub(crate) fn through(policy: &'static Policy, moves: Vec<Move>) -> Self {
        let mut play = Self::new(policy);
        for next in moves {
            play.make(next, |_, _| {});
        }
        play
    }

    /// The room's clock.
    pub(crate) fn now(&self) -> Timestamp {
        self.log
            .last()
            .map_or(self.wall, |last| last.at.max(self.wall))
    }

    /// Makes a move and lets `watch` see the state behind each of its events; `None` if the rules
    /// refuse it.
    pub(crate) fn make(&mut self, next: Move, watch: impl FnMut(&Self, &[Event])) -> Option<Done> {
        self.pass(next.wait_millis);
        let actor = match next.who {
            Who::Host => self.state.host.map_or(Actor::System, Actor::Player),
            Who::Player(player) => Actor::Player(player),
            Who::System => Actor::System,
        };
        let command = next.command(&self.state);
        let done = (actor, command);
        self.submit(&done, watch).then_some(done)
    }

    /// Gives a command again; it may be refused.
    pub(crate) fn repeat(&mut self, done: &Done) {
        self.submit(done, |_, _| {});
    }

    fn submit(&mut self, done: &Done, mut watch: impl FnMut(&Self, &[Event])) -> bool {
        self.commands += 1;
        let (actor, command) = done.clone();
        let Ok(events) = self.state.decide(&self.context(actor), command) else {
            return false;
        };
        let (at, cause) = (self.now(), CommandId::new(Uuid::from_u128(self.commands)));
        for event in &events {
            self.state.evolve(at, event);
            let event = event.clone();
            self.log.push(Recorded { at, cause, event });
            watch(self, &events);
        }
        true
    }

    fn context(&self, actor: Actor) -> Context<'static, Policy> {
        Context {
            now: self.now(),
            actor,
            fresh: Uuid::from_u128((0xf << 64) + self.commands),
            policy: self.policy,
        }
    }

    fn pass(&mut self, millis: i64) {
        let wall = self.wall.as_millis().saturating_add_signed(millis);
        self.wall = Timestamp::from_millis(wall);
    }

    fn elapse_at(&self, now: Timestamp) -> Vec<Event> {
        let cx = Context {
            now,
            ..self.context(Actor::System)
        };
        self.state
            .decide(&cx, Command::Elapse)
            .expect("never refused")
    }

    /// Before the deadline there is nothing to do, at the deadline there is.
    pub(crate) fn assert_nothing_happens_early(&self) {
        let deadline = self.state.deadline(self.policy).map(|(at, _)| at);
        let Some(at) = deadline.filter(|&at| at > self.now()) else {
            return;
        };
        let just_before = Timestamp::from_millis(at.as_millis() - 1);
        assert_eq!(self.elapse_at(just_before), [], "early by a millisecond");
        assert_ne!(self.elapse_at(at), [], "a deadline without a purpose");
    }

    /// Does what is due; every step must do something, and there is an end to it.
    pub(crate) fn settle(&mut self) {
        let most = 2 * self.state.players.len() + 2;
        for _ in 0..=most {
            let deadline = self.state.deadline(self.policy);
            let Some((_, command)) = deadline.filter(|&(at, _)| at <= self.now()) else {
                return;
            };
            let before = self.log.len();
            assert!(self.submit(&(Actor::System, command), |_, _| {}));
            assert_ne!(self.log.len(), before, "a deadline that does nothing");
        }
        panic!("the deadline never moves on: {:?}", self.state);
    }

    /// Lets time do its work until nothing is due any more; nobody is there then.
    pub(crate) fn run_out(&mut self) {
        let most = 3 * self.state.players.len() + 3;
        for _ in 0..=most {
            let Some((at, _)) = self.state.deadline(self.policy) else {
                return;
            };
            self.wall = at.max(self.now());
            self.settle();
        }
        panic!("the session never ends: {:?}", self.state);
    }
}

/// A policy, for ever.
pub(crate) fn leaked(policy: Policy) -> &'static Policy {
    Box::leak(Box::new(policy))
}

/// Seconds as a duration.
pub(crate) const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}
