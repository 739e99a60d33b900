//! What the figures were measured on.

use std::fs;
use std::thread::available_parallelism;

use anyhow::Result;
use serde::Serialize;

/// The machine.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Machine {
    pub(crate) cores: usize,
    pub(crate) cpu: String,
    pub(crate) memory_bytes: u64,
    pub(crate) kernel: String,
}

impl Machine {
    /// The machine this runs on.
    pub(crate) fn describe() -> Result<Self> {
        let memory = field("/proc/meminfo", "MemTotal")?;
        let kilobytes = memory.split_whitespace().next().unwrap_or_default();
        let release = fs::read_to_string("/proc/sys/kernel/osrelease")?;
        Ok(Self {
            cores: available_parallelism()?.get(),
            cpu: field("/proc/cpuinfo", "model name")?,
            memory_bytes: kilobytes.parse::<u64>()? * 1024,
            kernel: format!("Linux {}", release.trim()),
        })
    }
}

/// The first value of that name in a file of `name: value` lines; `unknown` on machines without it.
fn field(file: &str, name: &str) -> Result<String> {
    let text = fs::read_to_string(file)?;
    let value = text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim().to_owned())
    });
    Ok(value.unwrap_or_else(|| "unknown".to_owned()))
}
