//! What others are shown of appends.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;

use super::{
    Append, Batch, DEADLINE, Position, Redis, Server, Store, add, available, batch, session,
};
use crate::rules::Version;
use crate::store::Echo;
use crate::store::redis::{Ear, Topic};

const LIFE: Duration = Duration::from_secs(60);

/// Writes down what it hears.
#[derive(Default)]
struct Pad {
    heard: Mutex<Vec<(String, String)>>,
    doubts: Mutex<usize>,
    news: Notify,
}

impl Ear for Pad {
    fn hear(&self, channel: &str, payload: &[u8]) {
        let payload = String::from_utf8(payload.to_vec()).unwrap();
        let mut heard = self.heard.lock().unwrap();
        heard.push((channel.to_owned(), payload));
        self.news.notify_one();
    }

    fn doubt(&self) {
        *self.doubts.lock().unwrap() += 1;
        self.news.notify_one();
    }
}

impl Pad {
    async fn on(store: &Redis, topic: Topic) -> Arc<Self> {
        let pad = Arc::<Self>::default();
        store.link().subscribe(topic, pad.clone()).await.unwrap();
        pad
    }

    /// What it has heard, as soon as that is so much.
    async fn heard(&self, count: usize) -> Vec<(String, String)> {
        let waiting = async {
            while self.heard.lock().unwrap().len() < count {
                self.news.notified().await;
            }
        };
        let there = timeout(DEADLINE, waiting).await;
        let heard = self.heard.lock().unwrap().clone();
        there.unwrap_or_else(|_| panic!("only {heard:?}"));
        heard
    }

    async fn doubts(&self, count: usize) {
        let waiting = async {
            while *self.doubts.lock().unwrap() < count {
                self.news.notified().await;
            }
        };
        timeout(DEADLINE, waiting).await.expect("doubts");
    }
}

fn set(value: &str) -> Echo {
    let (key, value) = ("x:key".to_owned(), value.to_owned());
    Echo::Set {
        key,
        value,
        life: LIFE,
    }
}

fn publish(message: &str) -> Echo {
    let (channel, message) = ("x:channel".to_owned(), message.to_owned());
    Echo::Publish { channel, message }
}

fn echoing(records: &[&str], echoes: Vec<Echo>) -> Batch {
    Batch {
        echoes,
        ..batch(records)
    }
}

async fn value(server: &Server) -> redis::Value {
    server.command(&["GET", "x:key"]).await
}

fn said(texts: &[&str]) -> Vec<(String, String)> {
    let said = texts
        .iter()
        .map(|&text| ("x:channel".to_owned(), text.to_owned()));
    said.collect()
}

async fn echoes_follow(server: &Server, store: &Redis) {
    let pad = Pad::on(store, Topic::Channel("x:channel".to_owned())).await;
    let echoes = vec![publish("one"), set("a b\r\n\u{1f600}"), publish("two")];
    let end = add(store, 1, Position::START, echoing(&["r", "s"], echoes)).await;
    assert_eq!(end.version, Version(2));
    assert_eq!(pad.heard(2).await, said(&["one", "two"]));
    let bytes = "a b\r\n\u{1f600}".as_bytes().to_vec();
    assert_eq!(value(server).await, redis::Value::BulkString(bytes));
    let left = server.command(&["PTTL", "x:key"]).await;
    assert!(
        matches!(left, redis::Value::Int(50_000..=60_000)),
        "{left:?}"
    );
    let key = "x:key".to_owned();
    let gone = vec![Echo::Delete { key }, publish("three")];
    add(store, 1, end, echoing(&["t"], gone)).await;
    assert_eq!(pad.heard(3).await, said(&["one", "two", "three"]));
    assert_eq!(value(server).await, redis::Value::Nil);
    let tail = store.read(session(1), Position::START).await.unwrap();
    assert_eq!(crate::store::contract::texts(&tail), ["r", "s", "t"]);
}

#[tokio::test]
async fn echoes_are_part_of_the_append() {
    let server = Server::start();
    echoes_follow(&server, &server.store().await).await;
}

#[tokio::test]
async fn echoes_follow_the_append_in_a_cluster() {
    let server = Server::cluster().await;
    echoes_follow(&server, &server.cluster_store().await).await;
}

#[tokio::test]
async fn what_is_not_appended_has_no_echo() {
    let server = Server::start();
    let store = server.store().await;
    let pad = Pad::on(&store, Topic::Channel("x:channel".to_owned())).await;
    let end = add(&store, 1, Position::START, echoing(&["a"], vec![set("a")])).await;
    let echoes = vec![set("b"), publish("b")];
    let late = echoing(&["b"], echoes);
    let conflict = store
        .append(session(1), Position::START, late)
        .await
        .unwrap();
    assert_eq!(conflict, Append::Conflict);
    let bytes = b"a".to_vec();
    assert_eq!(value(&server).await, redis::Value::BulkString(bytes));
    add(&store, 1, end, echoing(&["c"], vec![publish("c")])).await;
    assert_eq!(pad.heard(1).await, said(&["c"]));
}

#[tokio::test]
async fn an_echo_that_fails_does_not_hold_the_append_or_the_next_echo_up() {
    let server = Server::start();
    let store = server.store().await;
    let pad = Pad::on(&store, Topic::Channel("x:channel".to_owned())).await;
    let refused = Echo::Set {
        key: "x:key".to_owned(),
        value: "a".to_owned(),
        life: Duration::ZERO,
    };
    let echoes = vec![refused, publish("a")];
    let end = add(&store, 1, Position::START, echoing(&["a"], echoes)).await;
    assert_eq!(end.version, Version(1));
    assert_eq!(pad.heard(1).await, said(&["a"]));
    assert_eq!(value(&server).await, redis::Value::Nil);
}

async fn patterns_survive(server: &Server, store: &Redis) {
    let pattern = || Topic::Pattern("x:*".to_owned());
    let pad = Pad::on(store, pattern()).await;
    // Both kinds, so that both are made again.
    let plain = Pad::on(store, Topic::Channel("x:channel".to_owned())).await;
    let say = async |channel: &str, text: &str| server.command(&["PUBLISH", channel, text]).await;
    say("x:1", "a").await;
    say("y:1", "b").await;
    say("x:channel", "c").await;
    let heard = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        let pairs = pairs
            .iter()
            .map(|&(one, two)| (one.to_owned(), two.to_owned()));
        pairs.collect()
    };
    let before = [("x:1", "a"), ("x:channel", "c")];
    assert_eq!(pad.heard(2).await, heard(&before));
    let doubts = [&pad, &plain].map(|pad| *pad.doubts.lock().unwrap());
    for kind in ["normal", "pubsub"] {
        server.command(&["CLIENT", "KILL", "TYPE", kind]).await;
    }
    // It was lost, and it is there again.
    pad.doubts(doubts[0] + 2).await;
    plain.doubts(doubts[1] + 2).await;
    available(|| store.ping()).await;
    say("x:2", "d").await;
    say("x:channel", "e").await;
    let after = [before[0], before[1], ("x:2", "d"), ("x:channel", "e")];
    assert_eq!(pad.heard(4).await, heard(&after));
    assert_eq!(plain.heard(2).await, said(&["c", "e"]));

    store
        .link()
        .unsubscribe(vec![(pattern(), pad.clone())])
        .await
        .unwrap();
    say("x:3", "f").await;
    say("x:channel", "g").await;
    assert_eq!(plain.heard(3).await, said(&["c", "e", "g"]));
    assert_eq!(pad.heard(4).await.len(), 4);
}

#[tokio::test]
async fn patterns_are_listened_to_again_after_all_connections_were_killed() {
    let server = Server::start();
    patterns_survive(&server, &server.store().await).await;
}

#[tokio::test]
async fn patterns_are_listened_to_in_a_cluster() {
    let server = Server::cluster().await;
    let store = server.cluster_store().await;
    let pad = Pad::on(&store, Topic::Pattern("x:*".to_owned())).await;
    server.command(&["PUBLISH", "x:channel", "a"]).await;
    assert_eq!(pad.heard(1).await, said(&["a"]));
}
