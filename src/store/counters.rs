//! Counters that all nodes of a store share, and others besides who know their keys.

use std::time::Duration;

use async_trait::async_trait;

use super::StoreError;

/// What a window of a shared counter has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Events in it, this one included.
    pub count: u32,
    /// How long until it ends; more than zero.
    pub ends_in: Duration,
}

/// Counts events in windows that begin with the first one.
#[async_trait]
pub trait Counters: Send + Sync + 'static {
    /// Counts one event of `key` in a window of this length.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; the event may or may not be counted.
    async fn hit(&self, key: &str, window: Duration) -> Result<Hit, StoreError>;
}
