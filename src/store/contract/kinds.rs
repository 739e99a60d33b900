//! Of which kind of room a log is.

use super::{
    Batch, Census, Client, KIND, Kind, Position, StoreError, Timestamp, batch, session, texts,
};

const OTHER: Kind = Kind::new("other");

pub(super) async fn a_log_tells_its_kind(client: Client) {
    let id = session(1);
    client.add(id, Position::START, other("a")).await;
    let tail = client.all(id).await;
    assert_eq!(tail.kind, Some(OTHER));
    let nothing_new = client.read(id, tail.end).await.expect("the end");
    assert_eq!(nothing_new.kind, Some(OTHER));
}

pub(super) async fn a_census_counts_only_logs_of_its_kind(client: Client) {
    client.add(session(1), Position::START, batch(["a"])).await;
    client.add(session(2), Position::START, other("b")).await;
    let one = |number| Census {
        logs: 1,
        newest: vec![session(number)],
    };
    assert_eq!(client.census(&KIND, 9).await, one(1));
    assert_eq!(client.census(&OTHER, 9).await, one(2));
}

pub(super) async fn an_append_to_a_log_of_another_kind_is_refused_and_writes_nothing(
    client: Client,
) {
    let id = session(1);
    let end = client.add(id, Position::START, batch(["a"])).await;
    for at in [Position::START, end] {
        let refused = super::answered(|| client.0.append(id, at, other("b"))).await;
        assert!(
            matches!(refused, Err(StoreError::Foreign(it)) if it == id),
            "{refused:?}"
        );
    }
    let tail = client.all(id).await;
    assert_eq!((texts(&tail).concat(), tail.kind), ("a".into(), Some(KIND)));
}

pub(super) async fn a_log_that_starts_anew_may_be_of_another_kind(client: Client) {
    let id = session(1);
    let ephemeral = Batch {
        forgettable_at: Timestamp::from_millis(10),
        ..batch(["a"])
    };
    client.add(id, Position::START, ephemeral).await;
    client.sweep(10).await;
    client.add(id, Position::START, other("b")).await;
    assert_eq!(client.all(id).await.kind, Some(OTHER));
    assert_eq!(client.census(&KIND, 9).await, Census::default());
}

fn other(record: &str) -> Batch {
    Batch {
        kind: OTHER,
        ..batch([record])
    }
}
