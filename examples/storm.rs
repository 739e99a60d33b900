//! The load generator: measures a Roundtable server on this machine and prints what it found.
//!
//! `storm --server target/release/roundtable` starts the server in a directory of its own, once per
//! kind of measurement, and prints the machine, the binary's size, the start-up time, the memory of
//! idle connections, the durable votes per second (closed loop), the time from a vote to its
//! delivery (open loop) and the processor time per delivery; for turn clocks, the time from a
//! command to its update and the cost of holding viewers. `--target URL` measures a server that
//! runs already, without what only its process can tell.
//!
//! Numbers are printed, never judged, with one exception: every durable vote has to reach every
//! member exactly once, or the exit code is 1. Everything is bounded in count and in time, and only
//! loopback addresses are talked to.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use tokio::time::timeout;

use storm::args::Args;
use storm::plan;
use storm::report::Report;
use storm::table;

/// The parts of the load generator.
mod storm {
    pub(crate) mod args;
    pub(crate) mod client;
    pub(crate) mod clocks;
    pub(crate) mod disk;
    pub(crate) mod figures;
    pub(crate) mod idle;
    pub(crate) mod latency;
    pub(crate) mod machine;
    pub(crate) mod pacer;
    pub(crate) mod plan;
    pub(crate) mod process;
    pub(crate) mod report;
    pub(crate) mod rest;
    pub(crate) mod rooms;
    pub(crate) mod server;
    pub(crate) mod startup;
    pub(crate) mod table;
    pub(crate) mod throughput;
}

/// Time for everything that is not a timed run: starting, connecting, waiting for the last frames.
const OVERHEAD: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    match measure(&args).await {
        Ok(report) => conclude(&args, &report),
        Err(error) => {
            eprintln!("storm: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(args: &Args) -> anyhow::Result<Report> {
    let limit = OVERHEAD + plan::timed(args);
    let measured = timeout(limit, plan::run(args)).await;
    measured.with_context(|| format!("gave up after {} s", limit.as_secs()))?
}

fn conclude(args: &Args, report: &Report) -> ExitCode {
    let printed = if args.json {
        report.to_json()
    } else {
        table::print(report)
    };
    println!("{printed}");
    let flaws = report.flaws();
    if flaws == 0 {
        return ExitCode::SUCCESS;
    }
    eprintln!("storm: {flaws} deliveries were lost, doubled or replaced by a fresh state");
    ExitCode::FAILURE
}
