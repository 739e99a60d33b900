//! What the kernel says of a process: its memory and its processor time.

use std::fs;
use std::time::Instant;

use anyhow::{Context, Result};
use serde::Serialize;

/// Clock ticks per second in `/proc`; the same on every Linux that Rust runs on.
const TICKS_PER_SECOND: f64 = 100.0;
/// Fields between the command's closing parenthesis and `utime` in `/proc/PID/stat`.
const FIELDS_BEFORE_UTIME: usize = 11;

/// The bytes of memory in use by a process (its resident set).
pub(crate) fn resident_bytes(pid: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|it| it.split_whitespace().next());
    let kilobytes = kilobytes.context("no VmRSS in /proc")?;
    Ok(kilobytes.parse::<u64>()? * 1024)
}

/// The most files that this process, and with it a started server, may have open.
pub(crate) fn open_files_limit() -> Result<usize> {
    let limits = fs::read_to_string("/proc/self/limits")?;
    let line = limits
        .lines()
        .find_map(|it| it.strip_prefix("Max open files"))
        .context("no limit of open files in /proc")?;
    let soft = line.split_whitespace().next().unwrap_or_default();
    Ok(soft.parse().unwrap_or(usize::MAX))
}

fn cpu_seconds(process: &str) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let (_, fields) = stat.rsplit_once(')').context("a strange /proc/PID/stat")?;
    let times = fields
        .split_whitespace()
        .skip(FIELDS_BEFORE_UTIME)
        .take(2)
        .map(str::parse::<u64>)
        .sum::<Result<u64, _>>()?;
    Ok(times as f64 / TICKS_PER_SECOND)
}

/// Measures the processor time of the server and of the storm itself.
pub(crate) struct Meter {
    pid: Option<u32>,
    since: Instant,
    server: Option<f64>,
    storm: f64,
}

/// Processor time spent in a run, warm-up included.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Spent {
    /// The run's own time.
    pub(crate) elapsed_seconds: f64,
    /// The server's; unknown if the storm has not started it.
    pub(crate) server_seconds: Option<f64>,
    /// The load generator's.
    pub(crate) storm_seconds: f64,
    /// The server's per million deliveries, with everything else it did for them.
    pub(crate) server_seconds_per_million: Option<f64>,
}

impl Meter {
    pub(crate) fn start(pid: Option<u32>) -> Result<Self> {
        Ok(Self {
            pid,
            since: Instant::now(),
            server: server_seconds(pid)?,
            storm: cpu_seconds("self")?,
        })
    }

    /// What was spent since the start, on that many deliveries.
    pub(crate) fn read(&self, deliveries: u64) -> Result<Spent> {
        let server = server_seconds(self.pid)?.zip(self.server);
        let server = server.map(|(now, then)| now - then);
        let millions = deliveries as f64 / 1e6;
        Ok(Spent {
            elapsed_seconds: self.since.elapsed().as_secs_f64(),
            server_seconds: server,
            storm_seconds: cpu_seconds("self")? - self.storm,
            server_seconds_per_million: server.map(|seconds| seconds / millions),
        })
    }
}

fn server_seconds(pid: Option<u32>) -> Result<Option<f64>> {
    pid.map(|pid| cpu_seconds(&pid.to_string())).transpose()
}
