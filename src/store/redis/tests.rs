//! What only Redis can promise: to be shared, to be lost and found again.

mod answers;
mod cluster;
mod counting;
mod echoing;
mod losing;
mod server;
mod sharing;

use std::time::Duration;

use tokio::time::timeout;

pub(crate) use server::Server;

use super::Redis;
use crate::store::contract::{batch, session};
use crate::store::{Append, Batch, Position, Store, StoreError};

/// What takes longer does not happen.
const DEADLINE: Duration = Duration::from_secs(20);

/// Appends behind the end and expects to succeed.
async fn add(store: &Redis, number: u128, at: Position, batch: Batch) -> Position {
    match store.append(session(number), at, batch).await {
        Ok(Append::Committed(end)) => end,
        other => panic!("{other:?}"),
    }
}

/// Asks until the store is available.
async fn available<T, F>(ask: impl Fn() -> F) -> T
where
    F: Future<Output = Result<T, StoreError>>,
{
    let asking = async {
        loop {
            match ask().await {
                Err(StoreError::Unavailable(_)) => {
                    tokio::time::sleep(Duration::from_millis(5)).await
                }
                answer => return answer.expect("an answer"),
            }
        }
    };
    timeout(DEADLINE, asking).await.expect("available again")
}
