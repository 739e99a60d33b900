//! A Redis that the storm starts for the nodes of a cluster.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::server::{Scratch, free_address};

/// How long a start may take.
const START_TIMEOUT: Duration = Duration::from_secs(10);
/// Pause between two probes.
const PROBE_PAUSE: Duration = Duration::from_millis(2);

/// A running Redis; killed when dropped.
pub(crate) struct Redis {
    child: Child,
    port: u16,
    _scratch: Scratch,
}

impl Redis {
    /// Starts one that syncs every change before it answers, as SQLite does.
    pub(crate) fn start(parent: Option<&Path>) -> Result<Self> {
        let scratch = Scratch::new(parent)?;
        let port = free_address()?.port();
        let child = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
            .args(["--appendonly", "yes", "--appendfsync", "always"])
            .args(["--save", "", "--dir"])
            .arg(scratch.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start redis-server")?;
        let redis = Self {
            child,
            port,
            _scratch: scratch,
        };
        redis.await_start()?;
        Ok(redis)
    }

    fn await_start(&self) -> Result<()> {
        let since = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            if since.elapsed() > START_TIMEOUT {
                bail!("redis-server does not answer");
            }
            sleep(PROBE_PAUSE);
        }
        Ok(())
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // It has ended by itself at worst.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
