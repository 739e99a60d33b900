//! What is different in a cluster: indexes elsewhere, and connections that heal by themselves.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::super::channels::Ear;
use super::super::connection::Connection;
use super::super::pulse::Pulse;
use super::{Batch, DEADLINE, Position, Server, Store, add, available, batch, session};
use crate::rules::Timestamp;
use crate::store::contract::KIND;

#[tokio::test]
async fn a_log_whose_node_died_before_it_began_is_in_no_index_after_the_sweep() {
    let server = Server::cluster().await;
    let store = server.cluster_store().await;
    let ephemeral = Batch {
        wake_at: Timestamp::from_millis(1),
        forgettable_at: Timestamp::from_millis(2),
        ..batch(["a"])
    };
    let begun = store.index_beginning(session(1), &ephemeral).await;
    begun.unwrap();
    assert_eq!(store.census(&KIND, 9).await.unwrap().logs, 1);
    assert_eq!(store.sweep(Timestamp::from_millis(2)).await.unwrap(), 0);
    assert_eq!(store.census(&KIND, 9).await.unwrap().logs, 0);
    let forever = Timestamp::from_millis(u64::MAX >> 2);
    assert_eq!(store.due(&KIND, forever, 9).await.unwrap(), []);
}

#[tokio::test]
async fn hints_come_again_in_a_cluster_after_all_connections_were_killed() {
    let server = Server::cluster().await;
    let (here, there) = (server.cluster_store().await, server.cluster_store().await);
    let mut hints = here.watch(session(1)).await.unwrap();
    let one = add(&there, 1, Position::START, batch(["a"])).await;
    let heard = hints.wait_for(|hint| hint.end == one);
    let doubts = timeout(DEADLINE, heard).await.unwrap().unwrap().doubts;

    for kind in ["normal", "pubsub"] {
        server.command(&["CLIENT", "KILL", "TYPE", kind]).await;
    }
    let doubted = hints.wait_for(|hint| hint.doubts > doubts);
    timeout(DEADLINE, doubted).await.unwrap().unwrap();
    available(|| here.ping()).await;
    available(|| there.ping()).await;
    let two = add(&there, 1, one, batch(["b"])).await;
    let heard = hints.wait_for(|hint| hint.end == two);
    timeout(DEADLINE, heard).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_cluster_that_is_not_heard_any_more_still_answers_and_is_heard_again() {
    let server = Server::cluster().await;
    let (here, there) = (server.cluster_store().await, server.cluster_store().await);
    let mut hints = here.watch(session(1)).await.unwrap();
    let one = add(&there, 1, Position::START, batch(["a"])).await;
    let heard = hints.wait_for(|hint| hint.end == one);
    let doubts = timeout(DEADLINE, heard).await.unwrap().unwrap().doubts;

    server.command(&["CLIENT", "KILL", "TYPE", "pubsub"]).await;
    let two = add(&here, 1, one, batch(["b"])).await;
    let doubted = hints.wait_for(|hint| hint.doubts > doubts);
    timeout(DEADLINE, doubted).await.unwrap().unwrap();
    here.read(session(1), two).await.unwrap();
    let heard = async {
        let mut end = two;
        while hints.borrow_and_update().end != end {
            end = add(&there, 1, end, batch(["c"])).await;
            let _ = timeout(Duration::from_millis(100), hints.changed()).await;
        }
    };
    timeout(DEADLINE, heard).await.expect("heard again");
}

#[tokio::test]
async fn a_pulse_is_felt_by_whoever_hears_what_is_published() {
    let server = Server::cluster().await;
    let url = format!("redis-cluster://127.0.0.1:{}", server.port);
    let pulse = Arc::new(Pulse::default());
    let ear = pulse.clone();
    let heard = Arc::new(move |push: redis::PushInfo| {
        if push.kind == redis::PushKind::Message {
            ear.hear("", b"");
        }
        Ok::<(), std::convert::Infallible>(())
    });
    let url = url.parse().expect("an address");
    let mut connection = Connection::open(&url, heard.clone(), heard).await.unwrap();
    assert!(!pulse.is_felt(&connection).await);
    connection.subscribe(&[pulse.topic()]).await.unwrap();
    assert!(pulse.is_felt(&connection).await);
    connection.unsubscribe(&[pulse.topic()]).await.unwrap();
    assert!(!pulse.is_felt(&connection).await);
}
