//! A server that the storm starts, in a directory that goes when the server goes.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::recipe::Recipe;

/// How long a start may take.
const START_TIMEOUT: Duration = Duration::from_secs(10);
/// Pause between two probes of a server that does not answer yet.
const PROBE_PAUSE: Duration = Duration::from_micros(200);
/// How long a probe waits for its answer.
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);
/// How a good answer to a probe begins.
const HEALTHY: &[u8] = b"HTTP/1.1 200";
/// Bytes at the end of a log that are shown when a start fails.
const LOG_TAIL_BYTES: usize = 2000;

/// A running server; killed when dropped.
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    start_time: Duration,
    scratch: Scratch,
}

impl Server {
    /// Starts a server and waits until it is healthy. Blocks for that: nothing else happens then.
    pub(crate) fn start(recipe: &Recipe, parent: Option<&Path>) -> Result<Self> {
        let scratch = Scratch::new(parent)?;
        let address = free_address()?;
        let mut command = recipe.command(scratch.path(), address)?;
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(scratch.log())?);
        let spawned = Instant::now();
        let mut server = Self {
            child: command.spawn().context("cannot start the server")?,
            address,
            start_time: Duration::ZERO,
            scratch,
        };
        server.await_health(spawned)?;
        server.start_time = spawned.elapsed();
        Ok(server)
    }

    fn await_health(&mut self, since: Instant) -> Result<()> {
        while !is_healthy(self.address) {
            if let Some(status) = self.child.try_wait()? {
                bail!(
                    "the server ended with {status}: {}",
                    self.scratch.log_tail()
                );
            }
            if since.elapsed() > START_TIMEOUT {
                bail!("the server is not healthy: {}", self.scratch.log_tail());
            }
            sleep(PROBE_PAUSE);
        }
        Ok(())
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// From the spawn to the first healthy answer.
    pub(crate) fn start_time(&self) -> Duration {
        self.start_time
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended by itself at worst.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address that was free a moment ago.
pub(crate) fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?)
}

fn is_healthy(address: SocketAddr) -> bool {
    probe(address).is_ok_and(|answer| answer == *HEALTHY)
}

fn probe(address: SocketAddr) -> std::io::Result<[u8; HEALTHY.len()]> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PROBE_TIMEOUT))?;
    write!(
        stream,
        "GET /api/health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = [0; HEALTHY.len()];
    stream.read_exact(&mut answer)?;
    Ok(answer)
}

/// A new directory; removed when dropped.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new(parent: Option<&Path>) -> Result<Self> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("roundtable-storm-{}-{number}", std::process::id());
        let parent = parent.map_or_else(std::env::temp_dir, Path::to_path_buf);
        let path = fs::canonicalize(&parent)?.join(name);
        fs::create_dir(&path)?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    fn log(&self) -> PathBuf {
        self.0.join("log")
    }

    fn log_tail(&self) -> String {
        let log = fs::read(self.log()).unwrap_or_default();
        let tail = &log[log.len().saturating_sub(LOG_TAIL_BYTES)..];
        String::from_utf8_lossy(tail).into_owned()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
