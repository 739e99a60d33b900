//! Counters: one key each, which ends with its window.

use std::time::Duration;

use async_trait::async_trait;

use super::{Link, script};
use crate::store::{Counters, Hit, StoreError};

/// The shortest time until a window ends.
const INSTANT: Duration = Duration::from_millis(1);

#[async_trait]
impl Counters for Link {
    async fn hit(&self, key: &str, window: Duration) -> Result<Hit, StoreError> {
        let mut call = script::HIT.key(key);
        call.arg(u64::try_from(window.as_millis()).unwrap_or(u64::MAX));
        let (count, left): (u64, u64) = self.run(call).await?;
        Ok(Hit {
            count: u32::try_from(count).unwrap_or(u32::MAX),
            ends_in: Duration::from_millis(left).max(INSTANT),
        })
    }
}
