//! One node that keeps its sessions in SQLite beside nodes that share a Redis; both sync every
//! change before they acknowledge it.

use anyhow::{Context, Result};
use serde::Serialize;

use super::args::{Cluster, Common};
use super::latency::{self, Latency};
use super::machine::Machine;
use super::recipe::Keeping;
use super::rooms::Shape;
use super::say;
use super::stand::{Spread, Stand};
use super::throughput::{self, Throughput};

/// Everything that was measured.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Growth {
    pub(crate) machine: Machine,
    pub(crate) shape: Shape,
    pub(crate) rows: Vec<Row>,
}

/// One set-up, once.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) setup: Setup,
    /// Every member votes as soon as the vote before is acknowledged.
    pub(crate) votes: Throughput,
    /// What the Redis spent meanwhile, in seconds.
    pub(crate) redis_seconds: Option<f64>,
    /// At a fixed rate.
    pub(crate) paced: Latency,
}

/// Where sessions are kept, and how many nodes serve them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Setup {
    /// One node with a file.
    Sqlite,
    /// So many nodes with a Redis, and how the members of a room are spread over them.
    Redis(usize, Spread),
}

impl Setup {
    pub(crate) fn name(self) -> String {
        match self {
            Self::Sqlite => "SQLite, 1 node".to_owned(),
            Self::Redis(1, _) => "Redis, 1 node".to_owned(),
            Self::Redis(nodes, Spread::Together) => format!("Redis, {nodes} nodes"),
            Self::Redis(nodes, Spread::Apart) => format!("Redis, {nodes} nodes, mixed"),
        }
    }
}

/// Measures all set-ups in turn.
pub(crate) async fn run(common: &Common, args: &Cluster) -> Result<Growth> {
    let shape = Shape {
        rooms: args.rooms,
        members: args.members,
    };
    let mut growth = Growth {
        machine: Machine::describe()?,
        shape,
        rows: Vec::new(),
    };
    let together = (1..=args.nodes).map(|nodes| Setup::Redis(nodes, Spread::Together));
    let apart = (2..=args.nodes).map(|nodes| Setup::Redis(nodes, Spread::Apart));
    let setups = [Setup::Sqlite].into_iter().chain(together).chain(apart);
    let setups: Vec<Setup> = setups.collect();
    for pass in 1..=args.passes {
        for &setup in &setups {
            say(&format!("pass {pass} of {}: {}", args.passes, setup.name()));
            let row = measure(common, args.rate, shape, setup).await;
            let row = row.with_context(|| format!("measuring {}", setup.name()))?;
            growth.rows.push(row);
        }
    }
    Ok(growth)
}

async fn measure(common: &Common, rate: u32, shape: Shape, setup: Setup) -> Result<Row> {
    let (dir, measured) = (common.dir.as_deref(), common.measured());
    let stand = || match setup {
        Setup::Sqlite => Stand::of(&common.roundtable(Keeping::Sqlite), dir, measured),
        Setup::Redis(nodes, spread) => {
            let node = (common.server.clone(), common.flags.clone());
            Stand::cluster(node, (nodes, spread), dir, measured)
        }
    };
    let voting = stand()?;
    let redis = voting.redis_meter()?;
    let votes = throughput::run(&voting, shape).await?;
    let redis_seconds = redis.read(votes.tally.deliveries)?.server_seconds;
    drop(voting);
    Ok(Row {
        setup,
        votes,
        redis_seconds,
        paced: latency::run(&stand()?, shape, rate).await?,
    })
}

impl Growth {
    /// Deliveries that did not go as promised.
    pub(crate) fn flaws(&self) -> u64 {
        let flaws = |row: &Row| row.votes.tally.flaws() + row.paced.tally.flaws();
        self.rows.iter().map(flaws).sum()
    }
}
