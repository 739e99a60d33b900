use std::collections::HashMap;
use std::future::pending;
use std::sync::Mutex;

use async_trait::async_trait;

use super::*;
use crate::store::{Hit, StoreError};

const BUDGETS: Budgets = Budgets {
    general_per_minute: 2,
    switches_per_second: 1,
};
const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
const LEFT: Duration = Duration::from_millis(700);

/// Counters that several servers ask.
#[derive(Default)]
struct Shelf(Mutex<HashMap<String, u32>>);

/// Counters that say no, or nothing.
enum Away {
    Failing,
    Silent,
}

#[async_trait]
impl Counters for Shelf {
    async fn hit(&self, key: &str, _: Duration) -> Result<Hit, StoreError> {
        let mut counts = self.0.lock().unwrap();
        let count = counts.entry(key.to_owned()).or_default();
        *count += 1;
        let (count, ends_in) = (*count, LEFT);
        Ok(Hit { count, ends_in })
    }
}

#[async_trait]
impl Counters for Away {
    async fn hit(&self, _: &str, _: Duration) -> Result<Hit, StoreError> {
        match self {
            Self::Failing => Err(StoreError::unavailable("away")),
            Self::Silent => pending().await,
        }
    }
}

fn server(shared: &Arc<impl Counters>) -> Limits {
    Limits::new(Some(BUDGETS), Some(shared.clone()))
}

#[tokio::test]
async fn servers_that_share_counters_share_the_budgets() {
    let shelf = Arc::<Shelf>::default();
    let (one, two) = (server(&shelf), server(&shelf));
    for limits in [&one, &two] {
        let standing = limits.count_request(Some(HOME)).await.unwrap();
        assert!(standing.check().is_ok());
        assert_eq!(standing.usage.ends_in, RetryAfter(LEFT));
    }
    let third = one.count_request(Some(HOME)).await.unwrap();
    assert_eq!((third.usage.count, third.limit), (3, 2));
    assert!(third.check().is_err());
    assert!(one.count_switch("A").await.unwrap().check().is_ok());
    assert!(two.count_switch("A").await.unwrap().check().is_err());
    assert!(two.count_switch("a").await.unwrap().check().is_ok());

    let mut keys: Vec<_> = shelf.0.lock().unwrap().keys().cloned().collect();
    keys.sort();
    assert_eq!(keys, ["rl:general:127.0.0.1", "rl:switch:A", "rl:switch:a"]);
}

#[tokio::test(start_paused = true)]
async fn where_the_counters_do_not_answer_a_server_limits_alone_and_in_time() {
    for away in [Away::Failing, Away::Silent] {
        let away = Arc::new(away);
        let (one, two) = (server(&away), server(&away));
        let asked = tokio::time::Instant::now();
        assert!(one.count_switch("A").await.unwrap().check().is_ok());
        assert!(asked.elapsed() <= COUNT_TIMEOUT);
        assert!(one.count_switch("A").await.unwrap().check().is_err());
        assert!(two.count_switch("A").await.unwrap().check().is_ok());
    }
}

#[tokio::test]
async fn without_budgets_nobody_is_counted() {
    let shelf = Arc::<Shelf>::default();
    let limits = Limits::new(None, Some(shelf.clone()));
    assert!(limits.count_request(Some(HOME)).await.is_none());
    assert!(limits.count_switch("A").await.is_none());
    assert!(shelf.0.lock().unwrap().is_empty());
}
