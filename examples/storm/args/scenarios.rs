//! The flags of single scenarios.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use clap::builder::RangedU64ValueParser;
use clap::{Args as Flags, ValueEnum};
use serde::Serialize;

use super::{Common, Store, Target, count, rate};
use crate::storm::meeting::Pace;
use crate::storm::meeting::venue::Dialect;
use crate::storm::rooms::Shape;
use crate::storm::stand::Stand;

/// The longest that a scenario takes beside its timed runs.
pub(crate) const OVERHEAD: Duration = Duration::from_secs(600);
/// The longest that one wave of a churn takes.
const WAVE: Duration = Duration::from_secs(60);

/// A server that runs already, or one to be started.
#[derive(Clone, Debug, Flags)]
pub(crate) struct Where {
    /// A server that runs on this machine with `--rate-limits off`, such as http://127.0.0.1:3001.
    #[arg(long, value_name = "URL")]
    pub(crate) target: Option<Target>,
    /// The process of that server, to measure its processor time and memory.
    #[arg(long, requires = "target")]
    pub(crate) pid: Option<u32>,
    /// Where the started server keeps its sessions: `sqlite` or `memory`.
    #[arg(long, value_enum, default_value = "sqlite", conflicts_with = "target")]
    pub(crate) store: Store,
    /// Starts the baseline on Node instead.
    #[arg(long, conflicts_with_all = ["target", "store"])]
    pub(crate) node: bool,
}

impl Where {
    /// The server that runs, or a new one.
    pub(crate) fn stand(&self, common: &Common) -> Result<Stand> {
        let measured = common.measured();
        let dir: Option<&Path> = common.dir.as_deref();
        match self.target {
            Some(target) => Ok(Stand::at(target.0, self.pid, measured)),
            None if self.node => Stand::of(&common.node(), dir, measured),
            None => Stand::of(&common.roundtable(self.store.keeping()), dir, measured),
        }
    }

    /// Of what was found, what has to be answered for: the baseline promises nothing.
    pub(crate) fn flaws(&self, found: u64) -> u64 {
        if self.node { 0 } else { found }
    }
}

/// The meetings.
#[derive(Clone, Debug, Flags)]
pub(crate) struct Load {
    /// Which server.
    #[command(flatten)]
    pub(crate) place: Where,
    /// Members of all rooms together.
    #[arg(long, default_value = "1000", value_parser = count(19_900))]
    pub(crate) connections: usize,
    /// Members of each room.
    #[arg(long, default_value = "10", value_parser = count(1000))]
    pub(crate) room_size: usize,
    /// Members that connect per second. Default: as many as can.
    #[arg(long, value_parser = rate())]
    pub(crate) connect_rate: Option<u32>,
    /// What they speak.
    #[arg(long, value_enum, default_value = "socketio")]
    pub(crate) dialect: Dialect,
    /// `open`: steps are due at a fixed rate. `closed`: each as soon as the ones before are seen.
    #[arg(long = "loop", value_enum, default_value = "open")]
    pub(crate) course: Course,
    /// Votes, reveals and resets (or switches) per second over all rooms in an open loop.
    #[arg(long, default_value = "1000", value_parser = rate())]
    pub(crate) rate: u32,
}

/// What sets the speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Course {
    /// A clock.
    Open,
    /// The server.
    Closed,
}

impl Load {
    /// The rooms that the connections make.
    pub(crate) fn shape(&self) -> Result<Shape> {
        shape(self.connections, self.room_size)
    }

    pub(crate) fn pace(&self) -> Pace {
        match self.course {
            Course::Open => Pace::Fixed(self.rate),
            Course::Closed => Pace::Unbound,
        }
    }
}

/// Broken lines.
#[derive(Clone, Debug, Flags)]
pub(crate) struct Churn {
    /// Which server.
    #[command(flatten)]
    pub(crate) place: Where,
    /// Members of all rooms together.
    #[arg(long, default_value = "1000", value_parser = count(19_900))]
    pub(crate) connections: usize,
    /// Members of each room.
    #[arg(long, default_value = "10", value_parser = count(1000))]
    pub(crate) room_size: usize,
    /// How often all lines break.
    #[arg(long, default_value = "5", value_parser = count(1000))]
    pub(crate) waves: usize,
    /// Seconds over which the members come back, evenly.
    #[arg(long, default_value = "2", value_parser = RangedU64ValueParser::<u64>::new().range(0..=10))]
    pub(crate) within: u64,
}

impl Churn {
    /// The time that the waves may take.
    pub(crate) fn timed(&self) -> Duration {
        WAVE * u32::try_from(self.waves).unwrap_or(u32::MAX)
    }

    /// The rooms that the connections make.
    pub(crate) fn shape(&self) -> Result<Shape> {
        shape(self.connections, self.room_size)
    }
}

/// Members who do not read.
#[derive(Clone, Debug, Flags)]
pub(crate) struct Slow {
    /// Which server.
    #[command(flatten)]
    pub(crate) place: Where,
    /// Members of all rooms together.
    #[arg(long, default_value = "200", value_parser = count(19_900))]
    pub(crate) connections: usize,
    /// Members of each room.
    #[arg(long, default_value = "100", value_parser = count(1000))]
    pub(crate) room_size: usize,
    /// How many of a hundred members stop reading.
    #[arg(long, default_value = "10", value_parser = count(90))]
    pub(crate) slow: usize,
    /// Votes, reveals and resets per second over all rooms.
    #[arg(long, default_value = "600", value_parser = rate())]
    pub(crate) rate: u32,
}

impl Slow {
    /// The rooms that the connections make.
    pub(crate) fn shape(&self) -> Result<Shape> {
        shape(self.connections, self.room_size)
    }

    /// How many members of each room read on.
    pub(crate) fn readers(&self) -> usize {
        let slow = (self.room_size * self.slow).div_ceil(100);
        self.room_size.saturating_sub(slow).max(1)
    }
}

/// Rooms that come together.
#[derive(Clone, Debug, Flags)]
pub(crate) struct Join {
    /// Members that come within a second, whatever the size of the rooms.
    #[arg(long, default_value = "1000", value_parser = count(10_000))]
    pub(crate) members: usize,
    /// The sizes of rooms.
    #[arg(long, value_delimiter = ',', default_values = ["10", "100", "1000"], value_parser = count(1000))]
    pub(crate) sizes: Vec<usize>,
}

impl Join {
    /// The rooms of each size.
    pub(crate) fn shapes(&self) -> Result<Vec<Shape>> {
        let sizes = self.sizes.iter();
        sizes.map(|&size| shape(self.members, size)).collect()
    }
}

/// As many full rooms as so many connections make.
fn shape(connections: usize, members: usize) -> Result<Shape> {
    let rooms = connections / members;
    ensure!(
        rooms > 0,
        "{connections} connections are no room of {members}"
    );
    Ok(Shape { rooms, members })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::storm::args::{Args, Job};

    fn load(flags: &str) -> Option<Load> {
        let words = format!("storm load {flags}");
        match Args::try_parse_from(words.split_whitespace()).ok()?.job {
            Job::Load(load) => Some(load),
            _ => None,
        }
    }

    #[test]
    fn connections_that_fill_no_further_room_are_left_out() {
        let load = load("--connections 25 --room-size 10").expect("good flags");
        let shape = load.shape().expect("two rooms");
        assert_eq!((shape.rooms, shape.members), (2, 10));
    }

    #[test]
    fn fewer_connections_than_a_room_has_members_are_refused() {
        let load = load("--connections 5 --room-size 10").expect("good flags");
        assert!(load.shape().is_err());
    }

    #[test]
    fn a_process_is_looked_at_only_where_the_server_runs_already() {
        assert!(load("--pid 1").is_none());
        assert!(load("--target http://127.0.0.1:3001 --pid 1").is_some());
    }

    #[test]
    fn only_this_machine_is_a_target() {
        assert!(load("--target http://192.0.2.1:3001").is_none());
    }

    #[test]
    fn some_members_of_every_room_read_on() {
        let readers = |flags: &str| {
            let words = format!("storm slow {flags}");
            let args = Args::try_parse_from(words.split_whitespace()).expect("good flags");
            match args.job {
                Job::Slow(slow) => slow.readers(),
                _ => 0,
            }
        };
        assert_eq!(readers("--room-size 50 --slow 10"), 45);
        assert_eq!(readers("--room-size 5 --slow 10"), 4);
        assert_eq!(readers("--room-size 1 --slow 90"), 1);
    }

    #[test]
    fn a_closed_loop_has_no_rate() {
        let load = load("--loop closed --dialect polling").expect("good flags");
        assert_eq!(load.pace(), Pace::Unbound);
        assert_eq!(load.dialect, Dialect::Polling);
    }
}
