//! Everything that was measured.

use serde::Serialize;

use super::args::Store;
use super::clocks::Clocks;
use super::disk::Disk;
use super::idle::Idle;
use super::latency::Latency;
use super::machine::Machine;
use super::startup::Startup;
use super::throughput::Throughput;

/// The whole result; what only a started server can tell is missing for one that ran already.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Report {
    pub(crate) machine: Machine,
    pub(crate) store: Option<Store>,
    pub(crate) disk: Option<Disk>,
    pub(crate) binary_bytes: Option<u64>,
    pub(crate) startup: Option<Startup>,
    pub(crate) idle: Option<Idle>,
    pub(crate) throughput: Vec<Throughput>,
    pub(crate) latency: Vec<Latency>,
    pub(crate) clocks: Option<Clocks>,
}

impl Report {
    /// Deliveries that did not go as promised.
    pub(crate) fn flaws(&self) -> u64 {
        let closed = self.throughput.iter().map(|run| run.tally);
        let open = self.latency.iter().map(|run| run.tally);
        closed.chain(open).map(|tally| tally.flaws()).sum()
    }
}
