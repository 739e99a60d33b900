//! Members who stop reading while the others meet. The same meeting is held twice, first with everybody
//! reading, so that the difference is theirs. Afterwards they read on: they have to end up with what
//! the session is by then, whether they were shown everything, or the state anew, or were cut and came back.

use anyhow::{Context, Result};
use serde::Serialize;

use self::gathering::Gathering;
use self::sleeper::{Fate, Outcome};
use super::args::Common;
use super::args::scenarios::Slow;
use super::machine::Machine;
use super::meeting::Meeting;
use super::rooms::Shape;
use super::say;

mod gathering;
mod sleeper;

/// Everything that was measured.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Slowed {
    pub(crate) machine: Machine,
    pub(crate) shape: Shape,
    /// Members of each room that stop reading.
    pub(crate) slow: usize,
    pub(crate) rate: u32,
    /// With everybody reading; what the readers see.
    pub(crate) calm: Meeting,
    /// With the slow ones not reading; what the others see.
    pub(crate) pressed: Meeting,
    pub(crate) memory: Option<Memory>,
    pub(crate) fates: Fates,
}

/// The server's memory.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Memory {
    pub(crate) before_bytes: u64,
    /// The most while some did not read.
    pub(crate) most_bytes: u64,
    pub(crate) after_bytes: u64,
}

/// What became of the slow ones.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Fates {
    /// Cut, and back with their seat.
    pub(crate) cut: u64,
    /// Shown the state anew.
    pub(crate) resynchronised: u64,
    /// Shown everything.
    pub(crate) caught_up: u64,
    /// Those of all three that ended up with another state than the session's.
    pub(crate) wrong: u64,
    /// From reading on to being up to date, for the slowest.
    pub(crate) worst_ms: f64,
}

/// Measures both meetings.
pub(crate) async fn run(common: &Common, args: &Slow) -> Result<Slowed> {
    let (shape, readers) = (args.shape()?, args.readers());
    say(&format!("opening {shape} and connecting"));
    let mut gathering = Gathering::fill(args.place.stand(common)?, shape, readers).await?;
    let before = gathering.resident_bytes().await?;
    say("everybody reads");
    let calm = gathering.meet_reading(args.rate).await?;
    say("some do not read");
    let watching = gathering.watch_memory();
    let pressed = gathering.meet(args.rate).await?;
    let truth = gathering.finish().await.context("the last votes")?;
    say("they read on");
    let fates = gathering.wake(truth).await?;
    let most = watching.stop();
    let after = gathering.resident_bytes().await?;
    Ok(Slowed {
        machine: Machine::describe()?,
        shape,
        slow: shape.members - readers,
        rate: args.rate,
        calm,
        pressed,
        memory: before.zip(after).map(|(before_bytes, after_bytes)| Memory {
            before_bytes,
            most_bytes: most.max(after_bytes),
            after_bytes,
        }),
        fates: fates.iter().fold(Fates::default(), Fates::plus),
    })
}

impl Fates {
    fn plus(mut self, fate: &Fate) -> Self {
        *match fate.outcome {
            Outcome::Cut => &mut self.cut,
            Outcome::Resynchronised => &mut self.resynchronised,
            Outcome::CaughtUp => &mut self.caught_up,
        } += 1;
        self.wrong += u64::from(!fate.is_right);
        self.worst_ms = self.worst_ms.max(fate.took.as_secs_f64() * 1000.0);
        self
    }
}

impl Slowed {
    /// Everything that must not happen.
    pub(crate) fn flaws(&self) -> u64 {
        self.calm.flaws() + self.pressed.flaws() + self.fates.wrong
    }
}
