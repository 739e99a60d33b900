//! Hints, secrets and readiness.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::timeout;

use super::{Client, Position, Version, batch, session};

/// A hint that takes longer counts as lost.
const DEADLINE: Duration = Duration::from_secs(10);

pub(super) async fn hints_follow_the_appends(client: Client) {
    let id = session(1);
    let mut early = client.watch(id).await;
    let mut end = Position::START;
    for record in ["a", "b", "c"] {
        end = client.add(id, end, batch([record])).await;
    }
    let mut late = client.watch(id).await;
    end = client.add(id, end, batch(["d"])).await;
    for hints in [&mut early, &mut late] {
        let hinted = hints.wait_for(|hint| hint.end == end);
        let hinted = timeout(DEADLINE, hinted).await.expect("a hint in time");
        assert_eq!(hinted.expect("the store lives").end.version, Version(4));
    }
}

pub(super) async fn hints_of_another_log_do_not_come(client: Client) {
    let mut hints = client.watch(session(1)).await;
    let mut others = client.watch(session(2)).await;
    client
        .add(session(2), Position::START, batch(["a", "b"]))
        .await;
    let hinted = others.wait_for(|hint| hint.end.version == Version(2));
    let hinted = timeout(DEADLINE, hinted).await.expect("a hint in time");
    hinted.expect("the store lives");
    let end = client.add(session(1), Position::START, batch(["a"])).await;
    let grown = hints.wait_for(|hint| hint.end != Position::START);
    let grown = timeout(DEADLINE, grown).await.expect("a hint in time");
    assert_eq!(grown.expect("the store lives").end, end);
}

pub(super) async fn all_who_race_for_a_secret_get_the_same(client: Client) {
    let mut racers = JoinSet::new();
    for candidate in ["red", "green", "blue", "white"] {
        let client = client.clone();
        racers.spawn(async move { client.secret("colour", candidate).await });
    }
    let secrets = racers.join_all().await;
    assert!(secrets.iter().all(|it| it == &secrets[0]), "{secrets:?}");
    assert_eq!(client.secret("colour", "black").await, secrets[0]);
}

pub(super) async fn secrets_of_other_names_differ(client: Client) {
    assert_eq!(client.secret("one", "1").await, "1");
    assert_eq!(client.secret("two", "2").await, "2");
    assert_eq!(client.secret("one", "3").await, "1");
}

pub(super) async fn a_store_that_works_answers_a_ping(client: Client) {
    client.ping().await.expect("an answer");
}
