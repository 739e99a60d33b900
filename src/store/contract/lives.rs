//! Epochs and the sweep.

use super::{Batch, Census, Client, KIND, Position, Timestamp, Version, batch, session, texts};

pub(super) async fn a_position_that_was_never_reached_is_rewound(client: Client) {
    let id = session(1);
    let end = client.add(id, Position::START, batch(["a"])).await;
    let beyond = Position {
        version: Version(2),
        ..end
    };
    let no_life = Position { epoch: 0, ..end };
    for nowhere in [beyond, no_life] {
        assert!(client.is_rewound(id, nowhere).await, "{nowhere:?}");
    }
    assert!(client.is_rewound(session(2), end).await);
}

pub(super) async fn a_swept_log_starts_anew_in_another_epoch(client: Client) {
    let id = session(1);
    let first = client.add(id, Position::START, until(10, "a")).await;
    assert_eq!(client.sweep(10).await, 1);
    assert_eq!(client.all(id).await.end, Position::START);

    let second = client.add(id, Position::START, until(20, "b")).await;
    assert_eq!(second.version, first.version);
    assert_ne!(second.epoch, first.epoch);
    assert_eq!(texts(&client.all(id).await), ["b"]);
}

pub(super) async fn a_position_of_a_former_life_is_rewound(client: Client) {
    let id = session(1);
    let former = client.add(id, Position::START, until(10, "a")).await;
    client.sweep(10).await;
    assert!(client.is_rewound(id, former).await, "while there is no log");
    client.add(id, Position::START, until(20, "b")).await;
    assert!(client.is_rewound(id, former).await, "in the next life");
}

pub(super) async fn only_logs_whose_time_is_over_are_swept(client: Client) {
    for (number, forgettable_at) in [(1, 10), (2, 11), (3, 9), (4, 1_000)] {
        let log = until(forgettable_at, "a");
        client.add(session(number), Position::START, log).await;
    }
    client
        .add(session(5), Position::START, batch(["never"]))
        .await;
    assert_eq!(client.sweep(10).await, 2);
    assert_eq!(client.sweep(10).await, 0);
    for (number, records) in [(1, 0), (2, 1), (3, 0), (4, 1), (5, 1)] {
        let tail = client.all(session(number)).await;
        assert_eq!(tail.records.len(), records, "session {number}");
    }
    assert_eq!(client.sweep(1_000_000_000_000_000).await, 2);
    assert_eq!(texts(&client.all(session(5)).await), ["never"]);
}

pub(super) async fn every_append_moves_the_time_to_forget(client: Client) {
    let id = session(1);
    let one = client.add(id, Position::START, until(10, "a")).await;
    let two = client.add(id, one, until(30, "b")).await;
    assert_eq!(client.sweep(20).await, 0, "later");
    client.add(id, two, until(15, "c")).await;
    assert_eq!(client.sweep(20).await, 1, "and earlier");
}

pub(super) async fn a_census_counts_all_logs_and_names_the_newest_first(client: Client) {
    assert_eq!(client.census(&KIND, 2).await, Census::default());
    for number in [2, 1, 3] {
        let until = if number == 2 { 10 } else { 20 };
        let begun = client.add(session(number), Position::START, super::batch(["a"]));
        let end = begun.await;
        client
            .add(session(number), end, self::until(until, "b"))
            .await;
    }
    assert_eq!(client.census(&KIND, 2).await, counted(3, [3, 1]));
    assert_eq!(client.sweep(10).await, 1);
    assert_eq!(client.census(&KIND, 9).await, counted(2, [3, 1]));
}

fn counted<const N: usize>(logs: u64, newest: [u128; N]) -> Census {
    let newest = newest.map(session).into();
    Census { logs, newest }
}

fn until(forgettable_at: u64, record: &str) -> Batch {
    Batch {
        forgettable_at: Timestamp::from_millis(forgettable_at),
        ..batch([record])
    }
}
