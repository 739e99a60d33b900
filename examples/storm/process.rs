//! What the kernel says of a process: its memory and its processor time.

use std::fs;
use std::time::Instant;

use anyhow::{Context, Result};
use serde::Serialize;

/// Clock ticks per second in `/proc`; the same on every Linux that Rust runs on.
const TICKS_PER_SECOND: f64 = 100.0;
/// Bytes of a page that the kernel counts in.
const PAGE_BYTES: u64 = 4096;
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

/// Kernel memory of all TCP sockets of this machine, both ends of the storm's among them.
pub(crate) fn socket_bytes() -> Result<u64> {
    let sockets = fs::read_to_string("/proc/net/sockstat")?;
    let line = sockets.lines().find(|line| line.starts_with("TCP:"));
    let mut fields = line.unwrap_or_default().split_whitespace();
    let pages = fields.by_ref().skip_while(|it| *it != "mem").nth(1);
    let pages = pages.context("no memory of TCP in /proc")?;
    Ok(pages.parse::<u64>()? * PAGE_BYTES)
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

/// Processor time spent by everybody on this machine.
fn busy_seconds() -> Result<f64> {
    busy(&fs::read_to_string("/proc/stat")?).context("a strange /proc/stat")
}

fn busy(stat: &str) -> Option<f64> {
    let times = stat.lines().next()?.strip_prefix("cpu ")?;
    let times: Vec<u64> = times
        .split_whitespace()
        .map_while(|it| it.parse().ok())
        .collect();
    // The fourth and the fifth are idle; the ninth and the tenth are part of the first two.
    let spent = times.get(..3)?.iter().chain(times.get(5..8)?);
    Some(spent.sum::<u64>() as f64 / TICKS_PER_SECOND)
}

/// Measures the processor time of servers and of the storm itself.
pub(crate) struct Meter {
    pids: Vec<u32>,
    since: Instant,
    server: f64,
    storm: f64,
    busy: f64,
}

/// Processor time spent in a run, warm-up included.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Spent {
    /// The run's own time.
    pub(crate) elapsed_seconds: f64,
    /// The servers'; unknown if the storm has not started them.
    pub(crate) server_seconds: Option<f64>,
    /// The load generator's.
    pub(crate) storm_seconds: f64,
    /// That of everybody else on the machine, the kernel's own included; with a server that is not
    /// known, its own, too. Much of it makes all times worthless.
    pub(crate) others_seconds: f64,
    /// The servers' per million deliveries, with everything else they did for them.
    pub(crate) server_seconds_per_million: Option<f64>,
}

impl Meter {
    pub(crate) fn start(pids: Vec<u32>) -> Result<Self> {
        Ok(Self {
            since: Instant::now(),
            server: server_seconds(&pids)?,
            storm: cpu_seconds("self")?,
            busy: busy_seconds()?,
            pids,
        })
    }

    /// What was spent since the start, on that many deliveries.
    pub(crate) fn read(&self, deliveries: u64) -> Result<Spent> {
        let server = server_seconds(&self.pids)? - self.server;
        let server = (!self.pids.is_empty()).then_some(server);
        let storm = cpu_seconds("self")? - self.storm;
        let ours = storm + server.unwrap_or_default();
        let millions = deliveries as f64 / 1e6;
        Ok(Spent {
            elapsed_seconds: self.since.elapsed().as_secs_f64(),
            server_seconds: server,
            storm_seconds: storm,
            others_seconds: (busy_seconds()? - self.busy - ours).max(0.0),
            server_seconds_per_million: server.map(|seconds| seconds / millions),
        })
    }
}

fn server_seconds(pids: &[u32]) -> Result<f64> {
    pids.iter().map(|pid| cpu_seconds(&pid.to_string())).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_time_and_that_of_guests_is_not_spent() {
        let stat = "cpu  100 20 30 9000 800 4 5 6 100 20\ncpu0 1 1 1 1 1 1 1 1 1 1";
        assert_eq!(busy(stat), Some(1.65));
        assert_eq!(busy("cpu  1 2"), None);
    }
}
