//! Connections, servers and data that get lost.

use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::{DEADLINE, Position, Redis, Server, Store, StoreError, add, available, batch, session};
use crate::rules::{Timestamp, Version};
use crate::store::contract::{KIND, texts};
use crate::store::{Batch, Snapshot};

/// Saves every command before it answers.
const SAVING: [&str; 6] = [
    "--save",
    "",
    "--appendonly",
    "yes",
    "--appendfsync",
    "always",
];
/// Within this time a probe must have its answer, or else whoever probes gives up.
const PROBE_PATIENCE: Duration = Duration::from_millis(2_500);

#[tokio::test]
async fn a_restarted_server_has_everything_and_the_store_goes_on() {
    let mut server = Server::with(&SAVING);
    let store = server.store().await;
    let two = add(&store, 1, Position::START, batch(["a", "b"])).await;
    let mut hints = store.watch(session(1)).await.unwrap();
    hints.borrow_and_update();
    server.kill();
    let down = store.append(session(1), two, batch(["x"])).await;
    assert!(matches!(down, Err(StoreError::Unavailable(_))), "{down:?}");
    let asked = Instant::now();
    let still = store.read(session(1), two).await;
    assert!(
        matches!(still, Err(StoreError::Unavailable(_))),
        "{still:?}"
    );
    assert!(
        asked.elapsed() < Duration::from_millis(500),
        "fails at once"
    );

    server.restart();
    available(|| store.ping()).await;
    let tail = store.read(session(1), Position::START).await.unwrap();
    assert_eq!((texts(&tail).concat(), tail.end), ("ab".to_owned(), two));
    let three = add(&store, 1, two, batch(["c"])).await;
    assert_eq!((three.epoch, three.version), (two.epoch, Version(3)));
    let heard = hints.wait_for(|hint| hint.end == three && hint.doubts > 0);
    timeout(DEADLINE, heard).await.unwrap().unwrap();
}

#[tokio::test]
async fn secrets_that_the_server_has_lost_are_put_back() {
    let server = Server::start();
    let (here, there) = (server.store().await, server.store().await);
    let ours = here.secret("jwt", "ours".into()).await.unwrap();
    server.command(&["FLUSHALL"]).await;
    let back = async {
        while server.command(&["EXISTS", "rt:secret:jwt"]).await != redis::Value::Int(1) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(DEADLINE, back).await.expect("within the deadline");
    let theirs = there.secret("jwt", "theirs".into()).await.unwrap();
    assert_eq!(ours, theirs);
}

#[tokio::test]
async fn a_server_that_was_emptied_has_rewound_its_logs() {
    let server = Server::start();
    let store = server.store().await;
    let mut hints = store.watch(session(1)).await.unwrap();
    let end = add(&store, 1, Position::START, batch(["a", "b"])).await;
    let known = hints.wait_for(|hint| hint.end == end);
    timeout(DEADLINE, known).await.unwrap().unwrap();
    server.command(&["FLUSHALL"]).await;

    let read = store.read(session(1), end).await;
    assert!(
        matches!(read, Err(StoreError::Rewound(Version(2)))),
        "{read:?}"
    );
    let emptied = hints.wait_for(|hint| hint.end == Position::START);
    timeout(DEADLINE, emptied).await.unwrap().unwrap();
    let anew = add(&store, 1, Position::START, batch(["c"])).await;
    assert!(anew.epoch > end.epoch);
}

#[tokio::test]
async fn a_server_that_hangs_is_unavailable_in_time_and_healthy_afterwards() {
    let server = Server::start();
    let store = server.store().await;
    store.ping().await.unwrap();
    server.signal("STOP");
    // While the silent connection is trusted, and when it is not any more.
    for _ in 0..4 {
        let asked = Instant::now();
        let hung = store.ping().await;
        assert!(matches!(hung, Err(StoreError::Unavailable(_))), "{hung:?}");
        assert!(asked.elapsed() < PROBE_PATIENCE, "{:?}", asked.elapsed());
    }
    server.signal("CONT");
    available(|| store.ping()).await;
    add(&store, 1, Position::START, batch(["a"])).await;
}

#[tokio::test]
async fn a_server_that_takes_no_writes_is_not_ready() {
    let server = Server::start();
    let store = server.store().await;
    server.command(&["CONFIG", "SET", "maxmemory", "1"]).await;
    let full = store.ping().await;
    assert!(matches!(full, Err(StoreError::Unavailable(_))), "{full:?}");
    server.command(&["CONFIG", "SET", "maxmemory", "0"]).await;
    store.ping().await.unwrap();
    server.command(&["REPLICAOF", "127.0.0.1", "1"]).await;
    let replica = store.ping().await;
    assert!(
        matches!(replica, Err(StoreError::Unavailable(_))),
        "{replica:?}"
    );
}

#[tokio::test]
async fn a_wrong_password_is_a_clear_error_that_does_not_tell_it() {
    let server = Server::with(&["--requirepass", "right"]);
    let url = |password| format!("redis://:{password}@127.0.0.1:{}", server.port);
    let right = Redis::connect(url("right").parse().unwrap()).await.unwrap();
    right.ping().await.unwrap();
    let asked = Instant::now();
    let refused = Redis::connect(url("hunter2").parse().unwrap()).await;
    let refused = anyhow::Error::new(refused.err().expect("a refusal"));
    assert!(asked.elapsed() < Duration::from_secs(2));
    let text = format!("{refused:#} {refused:?}");
    assert!(text.contains("cannot use redis://127.0.0.1"), "{text}");
    assert!(text.to_lowercase().contains("password"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls_is_an_error_where_that_is_wanted() {
    let server = Server::start();
    let url = format!("rediss://127.0.0.1:{}", server.port);
    let refused = timeout(DEADLINE, Redis::connect(url.parse().unwrap())).await;
    let refused = refused.unwrap().err().expect("no encryption");
    assert_eq!(refused.to_string(), format!("cannot use {url}"));
}

#[tokio::test]
async fn where_there_is_no_server_connecting_fails_after_a_few_seconds() {
    let mut server = Server::start();
    server.kill();
    let connecting = Redis::connect(server.url().parse().unwrap());
    let refused = timeout(DEADLINE, connecting).await.unwrap();
    let refused = refused.err().expect("nobody is there").to_string();
    assert_eq!(refused, format!("cannot use {}", server.url()));
}

#[tokio::test]
async fn what_is_missing_is_reported() {
    let server = Server::start();
    let store = server.store().await;
    let end = add(&store, 1, Position::START, batch(["a", "b", "c"])).await;
    let key = |part| format!("rt:{{{}}}:{part}", session(1));
    server.command(&["XDEL", &key("log"), "2-0"]).await;
    let read = store.read(session(1), Position::START).await;
    assert!(
        matches!(
            read,
            Err(StoreError::Damaged {
                version: Version(2),
                ..
            })
        ),
        "{read:?}"
    );

    let (version, state) = (end.version, "abc".into());
    let snapshot = Snapshot { version, state };
    store.fold(session(1), end, snapshot).await.unwrap();
    store.read(session(1), Position::START).await.unwrap();
    server.command(&["DEL", &key("fold")]).await;
    let read = store.read(session(1), Position::START).await;
    assert!(
        matches!(
            read,
            Err(StoreError::Damaged {
                version: Version(3),
                ..
            })
        ),
        "{read:?}"
    );
}

#[tokio::test]
async fn an_epoch_is_later_than_the_one_before_even_if_the_clock_was_set_back() {
    let server = Server::start();
    let store = server.store().await;
    let ephemeral = Batch {
        forgettable_at: Timestamp::from_millis(1),
        ..batch(["a"])
    };
    add(&store, 1, Position::START, ephemeral).await;
    let future = 1_u64 << 52;
    let head = format!("rt:{{{}}}:head", session(1));
    server
        .command(&["HSET", &head, "epoch", &future.to_string()])
        .await;
    assert_eq!(store.sweep(Timestamp::from_millis(1)).await.unwrap(), 1);
    let anew = add(&store, 1, Position::START, batch(["b"])).await;
    assert_eq!(anew.epoch, future + 1);
}

#[tokio::test]
async fn redis_forgets_by_itself_what_no_sweep_has_forgotten() {
    let server = Server::start();
    let store = server.store().await;
    let ephemeral = Batch {
        forgettable_at: Timestamp::from_millis(1),
        ..batch(["a"])
    };
    let end = add(&store, 1, Position::START, ephemeral).await;
    let parts = ["log", "head"].map(|part| format!("rt:{{{}}}:{part}", session(1)));
    for part in &parts {
        let left = server.command(&["PTTL", part]).await;
        let redis::Value::Int(left) = left else {
            panic!("{left:?}")
        };
        assert!((1..=86_400_000).contains(&left), "{left}");
    }
    add(&store, 1, end, batch(["never"])).await;
    for part in &parts {
        let left = server.command(&["PTTL", part]).await;
        assert_eq!(left, redis::Value::Int(-1));
    }
    assert_eq!(store.census(&KIND, 0).await.unwrap().logs, 1);
}
