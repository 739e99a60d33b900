//! Counters that several nodes share.

use std::time::Duration;

use tokio::time::sleep;

use super::Server;
use crate::store::{Counters, StoreError};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_window_begins_with_the_first_event_on_any_node() {
    let server = Server::start();
    let (here, there) = (server.store().await, server.store().await);
    let first = here.link().hit("rl:x", MINUTE).await.unwrap();
    assert_eq!((first.count, first.ends_in), (1, MINUTE));
    sleep(Duration::from_millis(20)).await;
    let second = there.link().hit("rl:x", MINUTE).await.unwrap();
    assert_eq!(second.count, 2);
    assert!(second.ends_in < MINUTE, "{second:?}");
    assert_eq!(there.link().hit("rl:y", MINUTE).await.unwrap().count, 1);
}

#[tokio::test]
async fn a_window_ends_although_events_go_on() {
    const WINDOW: Duration = Duration::from_millis(200);
    let server = Server::start();
    let store = server.store().await;
    let mut before = 0;
    let anew = async {
        loop {
            let hit = store.link().hit("rl:x", WINDOW).await.unwrap();
            if hit.count <= before {
                return hit;
            }
            before = hit.count;
            sleep(WINDOW / 20).await;
        }
    };
    let hit = tokio::time::timeout(super::DEADLINE, anew).await.unwrap();
    assert_eq!((hit.count, hit.ends_in), (1, WINDOW));
}

#[tokio::test]
async fn a_counter_without_an_end_gets_one() {
    let server = Server::start();
    let store = server.store().await;
    server.command(&["SET", "rl:x", "41"]).await;
    let hit = store.link().hit("rl:x", MINUTE).await.unwrap();
    assert_eq!((hit.count, hit.ends_in), (42, MINUTE));
    let left = server.command(&["PTTL", "rl:x"]).await;
    assert!(matches!(left, redis::Value::Int(1..=60_000)), "{left:?}");
}

#[tokio::test]
async fn what_is_no_counter_is_no_answer() {
    let server = Server::start();
    let store = server.store().await;
    server.command(&["SET", "rl:x", "many"]).await;
    let hit = store.link().hit("rl:x", MINUTE).await;
    assert!(matches!(hit, Err(StoreError::Unavailable(_))), "{hit:?}");
}

#[tokio::test]
async fn counters_work_in_a_cluster() {
    let server = Server::cluster().await;
    let store = server.cluster_store().await;
    for count in 1..3 {
        assert_eq!(store.link().hit("rl:x", MINUTE).await.unwrap().count, count);
    }
}
