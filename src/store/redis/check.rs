//! The slow check: finds what hints have not told, and logs that nobody watches any more.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future;
use redis::Cmd;
use tokio::time;
use tokio_util::sync::CancellationToken;

use super::channels::{Ear, Topic};
use super::keys::{self, LogKeys};
use super::link::Link;
use super::secrets::Secrets;
use super::watched::{Watched, WatchedLog};
use crate::rules::{SessionId, Version};
use crate::store::{Position, StoreError};

/// Time between checks; each pause is up to a fifth longer, so that nodes do not check together.
const CHECK_INTERVAL: Duration = Duration::from_secs(5);
/// How many logs are asked for at a time.
const CHECKED_LOGS: usize = 200;

/// Checks all watched logs again and again until `stop`.
pub(super) async fn check(
    link: Link,
    (watched, secrets): (Arc<Watched>, Arc<Secrets>),
    stop: CancellationToken,
) {
    while stop
        .run_until_cancelled(time::sleep(pause()))
        .await
        .is_some()
    {
        let checked = async {
            secrets.put_back(&link).await?;
            release(&link, &watched).await?;
            compare(&link, &watched).await
        };
        // A failure is the link's, which tells of it; the next check is soon.
        let _ = stop.run_until_cancelled(checked).await;
    }
}

fn pause() -> Duration {
    let luck = f64::from(getrandom::u32().unwrap_or_default()) / f64::from(u32::MAX);
    CHECK_INTERVAL.mul_f64(1.0 + luck / 5.0)
}

/// Lets go of logs that nobody watches any more.
pub(super) async fn release(link: &Link, watched: &Watched) -> Result<(), StoreError> {
    let released = watched.release().into_iter();
    let ears =
        released.map(|(session, log)| (Topic::Channel(keys::hint(session)), log as Arc<dyn Ear>));
    link.unsubscribe(ears.collect()).await
}

async fn compare(link: &Link, watched: &Watched) -> Result<(), StoreError> {
    for logs in watched.all().chunks(CHECKED_LOGS) {
        // Sent together over one connection, each to its own slot.
        let compared = logs.iter().map(|(id, log)| compare_one(link, *id, log));
        future::try_join_all(compared).await?;
    }
    Ok(())
}

async fn compare_one(link: &Link, session: SessionId, log: &WatchedLog) -> Result<(), StoreError> {
    let asked = log.hint();
    log.found(asked, end(link, session).await?);
    Ok(())
}

/// Where a log ends.
async fn end(link: &Link, session: SessionId) -> Result<Position, StoreError> {
    let head = Cmd::hmget(LogKeys::of(session).head, &["epoch", "version"]);
    let (epoch, version): (Option<u64>, Option<u64>) = link.ask(&head).await?;
    let end = epoch.zip(version).map(|(epoch, version)| Position {
        epoch,
        version: Version(version),
    });
    Ok(end.unwrap_or(Position::START))
}
