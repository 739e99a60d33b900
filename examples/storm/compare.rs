//! Roundtable beside the same job on Node: in turn, under the same load, several times.

use anyhow::{Context, Result};
use serde::Serialize;

use super::args::{Common, Compare, Part};
use super::machine::Machine;
use super::reactions::{self, Reactions};
use super::recipe::{Keeping, Recipe};
use super::rooms::{Shape, Tally};
use super::say;
use super::stand::Stand;
use super::visit::{self, Visit};

/// Players of each room that votes.
const MEMBERS: usize = 10;
/// The storms of reactions: rooms, and how many members of each react.
const STORMS: [(Part, Shape, usize); 2] = [
    (
        Part::Hundreds,
        Shape {
            rooms: 20,
            members: 100,
        },
        4,
    ),
    (
        Part::Thousand,
        Shape {
            rooms: 1,
            members: 1000,
        },
        8,
    ),
];

/// Everything that was measured.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Comparison {
    pub(crate) machine: Machine,
    pub(crate) node_version: String,
    pub(crate) passes: Vec<Pass>,
}

/// One server's turn.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Pass {
    pub(crate) contender: Contender,
    pub(crate) visit: Option<Visit>,
    pub(crate) storms: Vec<Reactions>,
}

/// Who is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Contender {
    /// Socket.IO on Node, in memory.
    Node,
    /// Roundtable in memory.
    Memory,
    /// Roundtable, every vote on disk before it is acknowledged.
    Sqlite,
}

impl Contender {
    pub(crate) const ALL: [Self; 3] = [Self::Node, Self::Memory, Self::Sqlite];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Node => "Socket.IO on Node, in memory",
            Self::Memory => "Roundtable, in memory",
            Self::Sqlite => "Roundtable, SQLite (durable)",
        }
    }

    pub(crate) fn recipe(self, common: &Common) -> Recipe {
        match self {
            Self::Node => common.node(),
            Self::Memory => common.roundtable(Keeping::Memory),
            Self::Sqlite => common.roundtable(Keeping::Sqlite),
        }
    }
}

/// Measures all of them in turn.
pub(crate) async fn run(common: &Common, args: &Compare) -> Result<Comparison> {
    let mut comparison = Comparison {
        machine: Machine::describe()?,
        node_version: node_version()?,
        passes: Vec::new(),
    };
    for pass in 1..=args.passes {
        for contender in Contender::ALL {
            say(&format!(
                "pass {pass} of {}: {}",
                args.passes,
                contender.name()
            ));
            let run = turn(common, args, contender).await;
            let run = run.with_context(|| format!("measuring {}", contender.name()))?;
            comparison.passes.push(run);
        }
    }
    Ok(comparison)
}

async fn turn(common: &Common, args: &Compare, contender: Contender) -> Result<Pass> {
    let recipe = contender.recipe(common);
    let stand = || Stand::of(&recipe, common.dir.as_deref(), common.measured());
    let shape = Shape {
        rooms: args.rooms,
        members: MEMBERS,
    };
    let mut visit = None;
    if args.includes(Part::Votes) {
        visit = Some(visit::run(&stand()?, shape, args.rate).await?);
    }
    let mut storms = Vec::new();
    let wanted = STORMS.iter().filter(|(part, ..)| args.includes(*part));
    for &(_, shape, reacting) in wanted {
        storms.push(reactions::run(&stand()?, shape, reacting).await?);
    }
    Ok(Pass {
        contender,
        visit,
        storms,
    })
}

fn node_version() -> Result<String> {
    let version = std::process::Command::new("node").arg("--version").output();
    let version = version.context("there is no node")?.stdout;
    Ok(String::from_utf8_lossy(&version).trim().to_owned())
}

impl Comparison {
    /// Deliveries of Roundtables that did not go as promised.
    pub(crate) fn flaws(&self) -> u64 {
        let ours = self
            .passes
            .iter()
            .filter(|pass| pass.contender != Contender::Node);
        ours.flat_map(Pass::tallies).map(|it| it.flaws()).sum()
    }
}

impl Pass {
    pub(crate) fn tallies(&self) -> impl Iterator<Item = Tally> {
        let visit = self.visit.into_iter();
        let votes = visit.flat_map(|it| [it.rounds.tally, it.paced.tally]);
        let storms = self.storms.iter().map(|storm| storm.tally);
        votes.chain(storms)
    }
}
