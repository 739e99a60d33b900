//! The order of the measurements. Each one gets a server of its own, so that none sees what another
//! has left behind.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use super::args::{Args, Store};
use super::clocks::{self, Clocks};
use super::disk::Disk;
use super::idle::{self, Idle};
use super::latency::{self, Latency};
use super::machine::Machine;
use super::report::Report;
use super::rooms::Shape;
use super::server::Server;
use super::startup::{self, Startup};
use super::throughput::{self, Throughput};

/// The part of each timed run that does not count for its figures.
pub(crate) const WARM_UP: Duration = Duration::from_secs(1);
/// How many timed runs there are.
const RUNS: u32 = 4;

/// The server that a run is about.
pub(crate) struct Stand {
    pub(crate) address: SocketAddr,
    /// Known if the storm has started it.
    pub(crate) pid: Option<u32>,
    /// The time that counts for the figures.
    pub(crate) measured: Duration,
    _server: Option<Server>,
}

/// The time that the timed runs take by themselves.
pub(crate) fn timed(args: &Args) -> Duration {
    RUNS * (WARM_UP + Duration::from_secs(args.seconds)) + Duration::from_secs(args.hold)
}

/// Measures everything, one thing after the other.
pub(crate) async fn run(args: &Args) -> Result<Report> {
    let mut report = Report {
        machine: Machine::describe()?,
        ..Report::default()
    };
    if let Some(binary) = &args.server {
        describe(binary, args, &mut report)?;
        report.startup = Some(start_up(binary, args)?);
        report.idle = Some(idle(binary, args).await?);
    }
    let one = Shape {
        rooms: 1,
        members: args.members,
    };
    let many = Shape {
        rooms: args.rooms,
        ..one
    };
    let large = Shape {
        members: args.audience,
        ..one
    };
    for shape in [one, many] {
        report.throughput.push(throughput(args, shape).await?);
    }
    for (shape, rate) in [(many, args.rate), (large, args.audience_rate)] {
        report.latency.push(latency(args, shape, rate).await?);
    }
    report.clocks = Some(clocks(args).await?);
    Ok(report)
}

fn describe(binary: &Path, args: &Args, report: &mut Report) -> Result<()> {
    let file = fs::metadata(binary);
    let file = file.with_context(|| format!("no server at {}", binary.display()))?;
    report.binary_bytes = Some(file.len());
    report.store = Some(args.store);
    if args.store == Store::Sqlite {
        say("disk");
        report.disk = Some(Disk::measure(args.dir.as_deref())?);
    }
    Ok(())
}

fn start_up(binary: &Path, args: &Args) -> Result<Startup> {
    say(&format!("start-up, {} times", args.starts));
    startup::run(binary, args).context("measuring the start-up")
}

async fn idle(binary: &Path, args: &Args) -> Result<Idle> {
    say(&format!("memory with {} idle connections", args.idle));
    let measured = idle::run(binary, args).await;
    measured.context("measuring the memory")
}

async fn throughput(args: &Args, shape: Shape) -> Result<Throughput> {
    let seconds = args.seconds;
    say(&format!("durable votes, {shape}, {seconds} s closed loop"));
    let stand = stand(args)?;
    let run = throughput::run(&stand, shape).await;
    run.with_context(|| format!("measuring durable votes, {shape}"))
}

async fn latency(args: &Args, shape: Shape, rate: u32) -> Result<Latency> {
    let seconds = args.seconds;
    say(&format!("delivery, {shape}, {seconds} s at {rate} votes/s"));
    let stand = stand(args)?;
    let run = latency::run(&stand, shape, rate).await;
    run.with_context(|| format!("measuring delivery, {shape}"))
}

async fn clocks(args: &Args) -> Result<Clocks> {
    let Args { viewers, hold, .. } = args;
    say(&format!("turn clocks, {viewers} viewers held for {hold} s"));
    let stand = stand(args)?;
    let run = clocks::run(&stand, args).await;
    run.context("measuring turn clocks")
}

fn stand(args: &Args) -> Result<Stand> {
    let server = args.server.as_deref();
    let server = server.map(|binary| Server::start(binary, args));
    let server = server.transpose()?;
    let running = server.as_ref().map(Server::address);
    let address = running.or(args.target.map(|target| target.0));
    Ok(Stand {
        address: address.context("neither --server nor --target")?,
        pid: server.as_ref().map(Server::pid),
        measured: Duration::from_secs(args.seconds),
        _server: server,
    })
}

/// Progress, for those who wait.
fn say(what: &str) {
    eprintln!("storm: {what}");
}
