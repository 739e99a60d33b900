//! Everything about one server, one thing after the other. Each measurement gets a server of its
//! own, so that none sees what another has left behind.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};

use super::args::{Common, Measure, Store};
use super::clocks::{self, Clocks};
use super::disk::Disk;
use super::idle::{self, Idle};
use super::latency::{self, Latency};
use super::machine::Machine;
use super::recipe::Recipe;
use super::report::Report;
use super::rooms::Shape;
use super::say;
use super::stand::{Stand, WARM_UP};
use super::startup::{self, Startup};
use super::throughput::{self, Throughput};

/// How many timed runs there are.
const RUNS: u32 = 4;

/// What is measured, and how.
struct Plan<'a> {
    common: &'a Common,
    args: &'a Measure,
    recipe: Recipe,
}

/// The time that the timed runs take by themselves.
pub(crate) fn timed(common: &Common, args: &Measure) -> Duration {
    RUNS * (WARM_UP + common.measured()) + Duration::from_secs(args.hold)
}

/// Measures everything.
pub(crate) async fn run(common: &Common, args: &Measure) -> Result<Report> {
    let plan = Plan {
        common,
        args,
        recipe: common.roundtable(args.store.keeping()),
    };
    plan.run().await
}

impl Plan<'_> {
    async fn run(&self) -> Result<Report> {
        let args = self.args;
        let mut report = Report {
            machine: Machine::describe()?,
            ..Report::default()
        };
        if args.target.is_none() {
            self.describe(&mut report)?;
            report.startup = Some(self.start_up()?);
            report.idle = Some(self.idle().await?);
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
            report.throughput.push(self.throughput(shape).await?);
        }
        for (shape, rate) in [(many, args.rate), (large, args.audience_rate)] {
            report.latency.push(self.latency(shape, rate).await?);
        }
        report.clocks = Some(self.clocks().await?);
        Ok(report)
    }

    fn describe(&self, report: &mut Report) -> Result<()> {
        let binary = &self.common.server;
        let file = fs::metadata(binary);
        let file = file.with_context(|| format!("no server at {}", binary.display()))?;
        report.binary_bytes = Some(file.len());
        report.store = Some(self.args.store);
        if self.args.store == Store::Sqlite {
            say("disk");
            report.disk = Some(Disk::measure(self.common.dir.as_deref())?);
        }
        Ok(())
    }

    fn start_up(&self) -> Result<Startup> {
        let starts = self.args.starts;
        say(&format!("start-up, {starts} times"));
        let dir = self.common.dir.as_deref();
        startup::run(&self.recipe, dir, starts).context("measuring the start-up")
    }

    async fn idle(&self) -> Result<Idle> {
        let connections = self.args.idle;
        say(&format!("memory with {connections} idle connections"));
        let measured = idle::run(&self.stand()?, connections).await;
        measured.context("measuring the memory")
    }

    async fn throughput(&self, shape: Shape) -> Result<Throughput> {
        let seconds = self.common.seconds;
        say(&format!("durable votes, {shape}, {seconds} s closed loop"));
        let run = throughput::run(&self.stand()?, shape).await;
        run.with_context(|| format!("measuring durable votes, {shape}"))
    }

    async fn latency(&self, shape: Shape, rate: u32) -> Result<Latency> {
        let seconds = self.common.seconds;
        say(&format!("delivery, {shape}, {seconds} s at {rate} votes/s"));
        let run = latency::run(&self.stand()?, shape, rate).await;
        run.with_context(|| format!("measuring delivery, {shape}"))
    }

    async fn clocks(&self) -> Result<Clocks> {
        let Measure { viewers, hold, .. } = self.args;
        say(&format!("turn clocks, {viewers} viewers held for {hold} s"));
        let run = clocks::run(&self.stand()?, self.args).await;
        run.context("measuring turn clocks")
    }

    fn stand(&self) -> Result<Stand> {
        let measured = self.common.measured();
        match self.args.target {
            Some(target) => Ok(Stand::at(target.0, None, measured)),
            None => Stand::of(&self.recipe, self.common.dir.as_deref(), measured),
        }
    }
}
