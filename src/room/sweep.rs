//! The sweep: lets the store forget sessions whose time is over.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{self, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::now;
use crate::store::Store;

/// Sweeps every `interval` until `stop`.
pub async fn sweep(store: Arc<dyn Store>, interval: Duration, stop: CancellationToken) {
    let mut ticks = time::interval(interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stop.run_until_cancelled(ticks.tick()).await.is_some() {
        match store.sweep(now()).await {
            Ok(0) => {}
            Ok(sessions) => tracing::info!(sessions, "forgot sessions whose time is over"),
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "could not sweep the store"
                );
            }
        }
    }
}
