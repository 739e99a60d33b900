//! How fast the disk under the store is: no vote is durable faster than the disk syncs.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde::Serialize;

use super::figures::{Durations, Quantiles};
use super::server::Scratch;

/// Bytes of each write; a page of SQLite.
const WRITE_BYTES: usize = 4096;
/// Writes that are measured at most.
const WRITES: usize = 500;
/// Time they may take together.
const TIME: Duration = Duration::from_secs(2);

/// The disk that a started server keeps its sessions on.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Disk {
    pub(crate) filesystem: String,
    /// Appending a page and syncing it.
    pub(crate) sync: Quantiles,
}

impl Disk {
    /// Measures the disk of the server's directory.
    pub(crate) fn measure(parent: Option<&Path>) -> Result<Self> {
        let scratch = Scratch::new(parent)?;
        let path = scratch.path().join("sync");
        let mut file = OpenOptions::new().append(true).create(true).open(&path)?;
        let (began, mut times) = (Instant::now(), Durations::new());
        for _ in 0..WRITES {
            let started = Instant::now();
            file.write_all(&[7; WRITE_BYTES])?;
            file.sync_data()?;
            times.record(started.elapsed());
            if began.elapsed() > TIME {
                break;
            }
        }
        Ok(Self {
            filesystem: filesystem(scratch.path())?,
            sync: times.quantiles(),
        })
    }
}

/// The type of the file system that a path is on.
fn filesystem(path: &Path) -> Result<String> {
    let mounts = fs::read_to_string("/proc/mounts")?;
    let mounts = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        Some((fields.next()?, fields.next()?))
    });
    let around = mounts.filter(|(point, _)| path.starts_with(point));
    let nearest = around.max_by_key(|(point, _)| point.len());
    Ok(nearest.map_or_else(|| "unknown".to_owned(), |(_, kind)| kind.to_owned()))
}
