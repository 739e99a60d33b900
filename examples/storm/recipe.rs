//! The servers that are measured, and how each is started.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

/// Players that a room of the storm may have.
const MAX_PLAYERS: &str = "1000";
/// Packets that a client may be behind; a snapshot of so large a room has to fit.
const BUFFER_PACKETS: &str = "1100";

/// A server to be.
#[derive(Clone, Debug)]
pub(crate) enum Recipe {
    /// This project's.
    Roundtable {
        binary: PathBuf,
        store: Keeping,
        flags: Vec<String>,
    },
    /// The same job on Node with the official Socket.IO server, in memory.
    Baseline { directory: PathBuf },
}

/// Where a Roundtable keeps its sessions.
#[derive(Clone, Debug)]
pub(crate) enum Keeping {
    /// In a SQLite file of its own.
    Sqlite,
    /// In memory.
    Memory,
    /// In a Redis.
    Redis(String),
}

impl Recipe {
    /// The command that serves on an address.
    pub(crate) fn command(&self, directory: &Path, address: SocketAddr) -> Result<Command> {
        match self {
            Self::Roundtable {
                binary,
                store,
                flags,
            } => roundtable(binary, store, flags, directory, address),
            Self::Baseline { directory } => baseline(directory, address),
        }
    }
}

fn roundtable(
    binary: &Path,
    store: &Keeping,
    flags: &[String],
    directory: &Path,
    address: SocketAddr,
) -> Result<Command> {
    let store = match store {
        Keeping::Sqlite => format!("sqlite:{}", directory.join("storm.db").display()),
        Keeping::Memory => "memory:".to_owned(),
        Keeping::Redis(url) => url.clone(),
    };
    let mut command = Command::new(found(binary)?);
    command
        // Variables would change what is measured.
        .env_clear()
        .current_dir(directory)
        .args(["--listen", &format!("{address}=poker")])
        .args(["--ops-listen", "127.0.0.1:0"])
        .args(["--store", &store])
        .args(["--rate-limits", "off"])
        .args(["--poker-max-players", MAX_PLAYERS])
        .args(["--signal-max-players", MAX_PLAYERS])
        .args(["--signal-max-connections", MAX_PLAYERS])
        .args(["--socket-buffer-packets", BUFFER_PACKETS])
        .args(flags);
    Ok(command)
}

fn baseline(directory: &Path, address: SocketAddr) -> Result<Command> {
    let mut command = Command::new("node");
    command
        .env("NODE_ENV", "production")
        .arg(found(&directory.join("server.js"))?)
        .args(["--port", &address.port().to_string()]);
    Ok(command)
}

/// The working directory of a server is another one than ours.
fn found(path: &Path) -> Result<PathBuf> {
    let found = fs::canonicalize(path);
    found.with_context(|| format!("there is no {}", path.display()))
}
