//! The alarm clock: has rooms act on their deadlines although nobody has them in memory.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{self, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::{Directory, SubmitError, now};
use crate::rules::{Machine, Timestamp};
use crate::store::{Position, StoreError};

/// How late a deadline must be before it is taken for missed; rooms in memory meet theirs themselves.
const SLACK: Duration = Duration::from_secs(2);
/// How many rooms are woken at a time.
const WOKEN_ROOMS: usize = 100;

/// Wakes rooms of one kind every `interval` until `stop`.
pub async fn wake<M: Machine>(
    rooms: Arc<Directory<M>>,
    interval: Duration,
    stop: CancellationToken,
) {
    let mut ticks = time::interval(interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stop.run_until_cancelled(ticks.tick()).await.is_some() {
        let woken = stop.run_until_cancelled(wake_due(&rooms, late())).await;
        if let Some(Err(error)) = woken {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "could not wake sessions that are due"
            );
        }
    }
}

/// The moment before which deadlines should have been met.
fn late() -> Timestamp {
    let millis = now().as_millis().saturating_sub(SLACK.as_millis() as u64);
    Timestamp::from_millis(millis)
}

/// Wakes the rooms whose time to wake is over at `now`.
pub(super) async fn wake_due<M: Machine>(
    rooms: &Arc<Directory<M>>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let store = &rooms.surroundings().store;
    for session in store.due(&M::KIND, now, WOKEN_ROOMS).await? {
        match rooms.wake(session).await {
            Err(SubmitError::UnknownSession) => {
                let (nowhere, never) = (Position::START, Timestamp::NEVER);
                store.reschedule(&M::KIND, session, nowhere, never).await?;
            }
            Err(error) => {
                tracing::warn!(%session, error = &error as &dyn std::error::Error, "could not wake a session that is due");
            }
            Ok(()) => {}
        }
    }
    Ok(())
}
