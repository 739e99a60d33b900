//! How long a start takes, from the spawn to the first healthy answer.

use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use super::figures::Durations;
use super::recipe::Recipe;
use super::server::Server;

/// Start-up times.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Startup {
    pub(crate) starts: usize,
    pub(crate) median_ms: f64,
    pub(crate) max_ms: f64,
}

/// Starts and stops the server several times.
pub(crate) fn run(recipe: &Recipe, dir: Option<&Path>, starts: usize) -> Result<Startup> {
    let mut times = Durations::new();
    for _ in 0..starts {
        times.record(Server::start(recipe, dir)?.start_time());
    }
    let quantiles = times.quantiles();
    Ok(Startup {
        starts,
        median_ms: quantiles.p50_ms,
        max_ms: quantiles.max_ms,
    })
}
