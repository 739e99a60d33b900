//! How the cost of a delivery grows with the number of connections and with the size of rooms, at a
//! fixed number of deliveries per second.

use anyhow::{Context, Result};
use serde::Serialize;

use super::args::{Common, Grow};
use super::compare::Contender;
use super::latency::{self, Latency};
use super::machine::Machine;
use super::rooms::Shape;
use super::say;
use super::stand::Stand;

/// Deliveries per second in every run.
const DELIVERIES_PER_SECOND: u32 = 20_000;
/// Players of each room where the number of connections grows.
const MEMBERS: usize = 10;
/// The numbers of connections, as far as is asked for.
const CONNECTIONS: [usize; 4] = [1000, 5000, 10_000, 20_000];
/// The sizes of rooms.
const SIZES: [usize; 4] = [2, 10, 100, 1000];
/// Connections where the size of rooms grows.
const SIZED_CONNECTIONS: usize = 2000;

/// Everything that was measured.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Curve {
    pub(crate) machine: Machine,
    pub(crate) points: Vec<Point>,
}

/// One server with one number of rooms.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Point {
    pub(crate) contender: Contender,
    pub(crate) paced: Latency,
}

/// Measures all of them.
pub(crate) async fn run(common: &Common, args: &Grow) -> Result<Curve> {
    let by_connections = CONNECTIONS.map(|connections| {
        let connections = connections.min(args.connections);
        Shape {
            rooms: connections / MEMBERS,
            members: MEMBERS,
        }
    });
    let by_size = SIZES.map(|members| Shape {
        rooms: SIZED_CONNECTIONS / members,
        members,
    });
    let mut shapes = by_connections.to_vec();
    shapes.extend(by_size);
    let mut points = Vec::new();
    for shape in shapes {
        for contender in [Contender::Node, Contender::Sqlite] {
            say(&format!("{shape}: {}", contender.name()));
            let stand = Stand::of(
                &contender.recipe(common),
                common.dir.as_deref(),
                common.measured(),
            );
            let rate = DELIVERIES_PER_SECOND / u32::try_from(shape.members)?;
            match latency::run(&stand?, shape, rate).await {
                Ok(paced) => points.push(Point { contender, paced }),
                // A server that cannot keep up has no figures.
                Err(error) if contender == Contender::Node => say(&format!("{error:#}")),
                Err(error) => return Err(error).with_context(|| format!("measuring {shape}")),
            }
        }
    }
    Ok(Curve {
        machine: Machine::describe()?,
        points,
    })
}

impl Curve {
    /// Deliveries of Roundtables that did not go as promised.
    pub(crate) fn flaws(&self) -> u64 {
        let ours = self
            .points
            .iter()
            .filter(|it| it.contender != Contender::Node);
        ours.map(|it| it.paced.tally.flaws()).sum()
    }
}
