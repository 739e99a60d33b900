//! The load generator: measures Roundtable servers on this machine and prints what it found.
//!
//! `storm measure` tells everything about one server: the binary's size, the start-up time, the
//! memory of idle connections, durable votes per second (closed loop), the time from a vote to its
//! delivery (open loop), the cost of holding turn clocks. `storm compare` puts it beside the same
//! job on Node, in turn and under the same load. `storm cluster` puts nodes over Redis beside one
//! with SQLite. `storm grow` shows the cost by connections and by the size of rooms. Servers are
//! started, each in a directory of its own, and killed.
//!
//! `storm load` holds meetings as people do, in any dialect, also at a server that runs already.
//! `storm churn` breaks all lines at once, again and again; `storm slow` has members stop reading;
//! `storm join` has rooms come together within a second.
//!
//! Numbers are printed, never judged, with one exception: whatever a Roundtable has accepted has to
//! reach every member exactly once, or the exit code is 1. Everything is bounded in count and in
//! time, and only loopback addresses are talked to.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use serde::Serialize;
use tokio::time::timeout;

use storm::args::{Args, Job, scenarios};
use storm::{churn, cluster, compare, grow, join, load, measure, slow, table};

/// The parts of the load generator.
mod storm {
    pub(crate) mod args;
    pub(crate) mod churn;
    pub(crate) mod client;
    pub(crate) mod clocks;
    pub(crate) mod cluster;
    pub(crate) mod compare;
    pub(crate) mod disk;
    pub(crate) mod engine;
    pub(crate) mod figures;
    pub(crate) mod grow;
    pub(crate) mod idle;
    pub(crate) mod join;
    pub(crate) mod latency;
    pub(crate) mod load;
    pub(crate) mod machine;
    pub(crate) mod measure;
    pub(crate) mod meeting;
    pub(crate) mod moment;
    pub(crate) mod pacer;
    pub(crate) mod polling;
    pub(crate) mod process;
    pub(crate) mod reactions;
    pub(crate) mod recipe;
    pub(crate) mod redis;
    pub(crate) mod report;
    pub(crate) mod rest;
    pub(crate) mod rooms;
    pub(crate) mod rounds;
    pub(crate) mod server;
    pub(crate) mod slow;
    pub(crate) mod socket;
    pub(crate) mod stand;
    pub(crate) mod standstill;
    pub(crate) mod startup;
    pub(crate) mod table;
    pub(crate) mod throughput;
    pub(crate) mod visit;

    /// Progress, for those who wait.
    pub(crate) fn say(what: &str) {
        eprintln!("storm: {what}");
    }
}

/// Time for everything that is not a timed run: starting, connecting, waiting for the last frames.
const OVERHEAD: Duration = Duration::from_secs(60);
/// Time for a comparison, which has many of these.
const LONG: Duration = Duration::from_secs(1800);

/// What was found, to be printed.
struct Findings {
    text: String,
    flaws: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    let limit = match &args.job {
        Job::Measure(measure) => OVERHEAD + measure::timed(&args.common, measure),
        Job::Load(_) => scenarios::OVERHEAD + args.common.measured(),
        Job::Slow(_) => scenarios::OVERHEAD + 2 * args.common.measured(),
        Job::Churn(churn) => scenarios::OVERHEAD + churn.timed(),
        _ => LONG,
    };
    let measured = timeout(limit, perform(&args)).await;
    let measured = measured
        .with_context(|| format!("gave up after {} s", limit.as_secs()))
        .flatten();
    match measured {
        Ok(findings) => conclude(&findings),
        Err(error) => {
            eprintln!("storm: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn perform(args: &Args) -> anyhow::Result<Findings> {
    let (common, json) = (&args.common, args.common.json);
    Ok(match &args.job {
        Job::Measure(measure) => {
            let report = measure::run(common, measure).await?;
            Findings::of(json, &report, table::print, report.flaws())
        }
        Job::Compare(compare) => {
            let comparison = compare::run(common, compare).await?;
            let flaws = comparison.flaws();
            Findings::of(json, &comparison, table::compare::print, flaws)
        }
        Job::Cluster(cluster) => {
            let growth = cluster::run(common, cluster).await?;
            Findings::of(json, &growth, table::cluster::print, growth.flaws())
        }
        Job::Grow(grow) => {
            let curve = grow::run(common, grow).await?;
            Findings::of(json, &curve, table::grow::print, curve.flaws())
        }
        Job::Load(load) => {
            let scenario = load::run(common, load).await?;
            let flaws = load.place.flaws(scenario.meeting.flaws());
            Findings::of(json, &scenario, table::load::print, flaws)
        }
        Job::Churn(churn) => {
            let churned = churn::run(common, churn).await?;
            let flaws = churn.place.flaws(churned.flaws());
            Findings::of(json, &churned, table::churn::print, flaws)
        }
        Job::Slow(slow) => {
            let slowed = slow::run(common, slow).await?;
            let flaws = slow.place.flaws(slowed.flaws());
            Findings::of(json, &slowed, table::slow::print, flaws)
        }
        Job::Join(join) => {
            let joins = join::run(common, join).await?;
            Findings::of(json, &joins, table::join::print, 0)
        }
    })
}

impl Findings {
    fn of<T: Serialize>(json: bool, found: &T, print: fn(&T) -> String, flaws: u64) -> Self {
        let text = if json {
            serde_json::to_string_pretty(found).expect("it has text keys only")
        } else {
            print(found)
        };
        Self { text, flaws }
    }
}

fn conclude(findings: &Findings) -> ExitCode {
    println!("{}", findings.text);
    if findings.flaws == 0 {
        return ExitCode::SUCCESS;
    }
    let flaws = findings.flaws;
    eprintln!("storm: {flaws} times something was lost, doubled, wrong or shown anew");
    ExitCode::FAILURE
}
