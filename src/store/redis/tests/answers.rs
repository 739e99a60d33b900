//! Answers belong to their commands, whatever else comes over the connection.

use std::time::Duration;

use futures_util::future;
use redis::Value;
use tokio::time::timeout;

use super::{DEADLINE, Position, Redis, Server, Store, StoreError, add, available, batch, session};
use crate::store::contract::texts;

/// Until whatever was asked has been sent.
const MOMENT: Duration = Duration::from_millis(100);

/// Has more answers come than the client library expects: each channel is confirmed by itself.
async fn confuse(store: &Redis) {
    let mut subscribe = redis::cmd("SUBSCRIBE");
    subscribe.arg(&["x:one", "x:two", "x:three"]);
    let link = store.link();
    link.ask::<Value>(&subscribe).await.unwrap();
}

#[tokio::test]
async fn nobody_takes_the_answer_to_something_else_for_his_own() {
    let server = Server::start();
    let store = server.store().await;
    let mut ends = Vec::new();
    for number in 1..=6 {
        let said = [format!("said in {number}")];
        let records = batch(said.iter().map(String::as_str));
        ends.push(add(&store, number, Position::START, records).await);
    }
    let mut hints = store.watch(session(1)).await.unwrap();
    hints.borrow_and_update();

    // While the server stands still, so that somebody waits when the surplus answers come.
    server.signal("STOP");
    let reads = (1..=6).map(|number| store.read(session(number), Position::START));
    let reads = async {
        tokio::time::sleep(MOMENT).await;
        future::join_all(reads).await
    };
    let goes_on = async {
        tokio::time::sleep(2 * MOMENT).await;
        server.signal("CONT");
    };
    let (reads, (), ()) = tokio::join!(reads, confuse(&store), goes_on);
    let mut refused = 0;
    for (number, read) in (1..).zip(reads) {
        match read {
            Ok(tail) => assert_eq!(texts(&tail).concat(), format!("said in {number}")),
            Err(StoreError::Unavailable(_)) => refused += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(refused > 0, "no answer was mixed up");

    // And the connection is not used any more, but by whoever does not know that yet.
    let doubted = hints.wait_for(|hint| hint.doubts > 1);
    timeout(DEADLINE, doubted).await.unwrap().unwrap();
    available(|| store.ping()).await;
    for (number, end) in (1..).zip(ends) {
        let tail = store.read(session(number), Position::START).await.unwrap();
        let told = format!("said in {number}");
        assert_eq!((texts(&tail).concat(), tail.end), (told, end));
    }
}
