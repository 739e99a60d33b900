//! Several stores on one server, whose connections break again and again.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::{DEADLINE, Position, Server, Store, add, available, batch, session};
use crate::rules::Version;
use crate::store::contract::{Client, texts};
use crate::store::redis::{Topic, check, keys};

/// Repeats the times at which connections are killed.
const SEED_VARIABLE: &str = "KILL_SEED";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn racing_writers_lose_and_double_nothing_while_connections_are_killed() {
    const WRITERS: usize = 4;
    const RECORDS: usize = 100;
    let server = Arc::new(Server::start());
    let nodes = [0, 1].map(|_| server.clone());
    let mut clients = Vec::new();
    for node in &nodes {
        clients.push(Client::of(node.store().await));
    }
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let client = clients[writer % 2].clone();
        writers.spawn(async move {
            for turn in 0..RECORDS {
                client
                    .insist(session(1), batch([format!("{writer} {turn}")]))
                    .await;
            }
        });
    }
    let killing = tokio::spawn(kill_connections(server.clone()));
    timeout(4 * DEADLINE, writers.join_all())
        .await
        .expect("all is written");
    killing.abort();

    let tail = clients[0].all(session(1)).await;
    assert_eq!(clients[1].all(session(1)).await, tail);
    assert_eq!(tail.end.version, Version((WRITERS * RECORDS) as u64));
    for writer in 0..WRITERS {
        let own = texts(&tail)
            .into_iter()
            .filter(|it| it.starts_with(&writer.to_string()));
        let written = (0..RECORDS).map(|turn| format!("{writer} {turn}"));
        assert!(own.eq(written), "writer {writer}");
    }
}

/// Kills all connections of one type after the other, at random times.
async fn kill_connections(server: Arc<Server>) {
    let given = std::env::var(SEED_VARIABLE).ok();
    let given = given.map(|seed| seed.parse().expect("a number"));
    let mut seed: u64 =
        given.unwrap_or_else(|| getrandom::u64().expect("the system has randomness"));
    println!("kills follow {SEED_VARIABLE}={seed}");
    loop {
        for kind in ["normal", "pubsub"] {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            sleep(Duration::from_millis(20 + (seed >> 33) % 100)).await;
            server.command(&["CLIENT", "KILL", "TYPE", kind]).await;
        }
    }
}

#[tokio::test]
async fn hints_come_again_after_all_connections_were_killed() {
    let server = Server::start();
    let (here, there) = (server.store().await, server.store().await);
    let mut hints = here.watch(session(1)).await.unwrap();
    let one = add(&there, 1, Position::START, batch(["a"])).await;
    let heard = hints.wait_for(|hint| hint.end == one);
    let doubts = timeout(DEADLINE, heard).await.unwrap().unwrap().doubts;

    for kind in ["normal", "pubsub"] {
        server.command(&["CLIENT", "KILL", "TYPE", kind]).await;
    }
    let doubted = hints.wait_for(|hint| hint.doubts > doubts + 1);
    timeout(DEADLINE, doubted).await.unwrap().unwrap();
    available(|| here.ping()).await;
    available(|| there.ping()).await;
    let two = add(&there, 1, one, batch(["b"])).await;
    let heard = hints.wait_for(|hint| hint.end == two);
    timeout(DEADLINE, heard).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_lost_hint_is_made_up_for() {
    let server = Server::start();
    let (here, there) = (server.store().await, server.store().await);
    let mut hints = here.watch(session(1)).await.unwrap();
    let ears = here.watched.all().into_iter();
    let ears = ears
        .map(|(id, ear)| (Topic::Channel(keys::hint(id)), ear as _))
        .collect();
    here.link().unsubscribe(ears).await.unwrap();
    let end = add(&there, 1, Position::START, batch(["a"])).await;
    let found = hints.wait_for(|hint| hint.end == end);
    timeout(DEADLINE, found).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_log_that_nobody_watches_any_more_is_unsubscribed_from() {
    let server = Server::start();
    let store = server.store().await;
    drop(store.watch(session(1)).await.unwrap());
    let _kept = store.watch(session(2)).await.unwrap();
    let channels = || async { server.command(&["PUBSUB", "CHANNELS", "rt:*"]).await };
    let count = |listed: redis::Value| listed.into_sequence().expect("a list").len();
    assert_eq!(count(channels().await), 2);
    for _ in 0..3 {
        check::release(&store.link(), &store.watched).await.unwrap();
    }
    assert_eq!(count(channels().await), 1);
}
