//! Order, conflicts and indivisible batches.

use tokio::task::JoinSet;

use super::{Append, Client, Position, Tail, Version, batch, session, texts};

pub(super) async fn an_unknown_log_is_empty_and_ends_at_the_start(client: Client) {
    let tail = client.all(session(1)).await;
    let (snapshot, records, kind) = (None, Vec::new(), None);
    let end = Position::START;
    assert_eq!(
        tail,
        Tail {
            snapshot,
            records,
            end,
            kind
        }
    );
}

pub(super) async fn records_come_back_in_order_and_only_those_behind_the_position(client: Client) {
    let id = session(1);
    let two = client.add(id, Position::START, batch(["a", "b"])).await;
    let five = client.add(id, two, batch(["c", "d", "e"])).await;
    assert_eq!((two.version, five.version), (Version(2), Version(5)));
    assert_eq!(two.epoch, five.epoch);
    assert_ne!(two.epoch, 0);

    let all = client.all(id).await;
    assert_eq!(texts(&all), ["a", "b", "c", "d", "e"]);
    assert_eq!((all.end, all.snapshot), (five, None));
    for (version, expected) in [(0, "abcde"), (2, "cde"), (3, "de"), (5, "")] {
        let after = Position {
            version: Version(version),
            ..five
        };
        let tail = client.read(id, after).await.expect("a position of the log");
        assert_eq!(texts(&tail).concat(), expected);
        assert_eq!(tail.end, five);
    }
}

pub(super) async fn an_append_anywhere_but_at_the_end_conflicts_and_writes_nothing(client: Client) {
    let id = session(1);
    let end = client.add(id, Position::START, batch(["a", "b"])).await;
    let other_life = Position {
        epoch: end.epoch + 1,
        ..end
    };
    let [earlier, later] = [1, 3].map(|version| Position {
        version: Version(version),
        ..end
    });
    for elsewhere in [earlier, later, other_life] {
        let appended = client.append(id, elsewhere, batch(["x", "y"])).await;
        assert_eq!(appended, Append::Conflict, "{elsewhere:?}");
    }
    assert_eq!(texts(&client.all(id).await), ["a", "b"]);

    let unknown = client.append(session(2), end, batch(["x"])).await;
    assert_eq!(unknown, Append::Conflict);
    assert_eq!(client.all(session(2)).await.end, Position::START);
}

pub(super) async fn a_second_first_append_conflicts(client: Client) {
    let id = session(1);
    client.add(id, Position::START, batch(["a"])).await;
    let again = client.append(id, Position::START, batch(["b"])).await;
    assert_eq!(again, Append::Conflict);
    assert_eq!(texts(&client.all(id).await), ["a"]);
}

pub(super) async fn logs_do_not_mix(client: Client) {
    let ends = [1, 2].map(|number| (number, format!("of {number}")));
    for (number, text) in &ends {
        client
            .add(session(*number), Position::START, batch([text]))
            .await;
    }
    for (number, text) in ends {
        assert_eq!(texts(&client.all(session(number)).await), [text]);
    }
}

pub(super) async fn racing_writers_leave_every_batch_once_and_whole(client: Client) {
    const WRITERS: usize = 8;
    const BATCHES: usize = 12;
    let id = session(1);
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let client = client.clone();
        writers.spawn(async move {
            for turn in 0..BATCHES {
                client.insist(id, batch(unique(writer, turn))).await;
            }
        });
    }
    writers.join_all().await;

    let tail = client.all(id).await;
    let mut records = texts(&tail);
    assert_eq!(tail.end.version, Version(records.len() as u64));
    let mut turns = [0; WRITERS];
    while !records.is_empty() {
        let writer: usize = records[0][..1].parse().expect("a writer");
        let expected = unique(writer, turns[writer]);
        assert_eq!(
            records.drain(..expected.len()).collect::<Vec<_>>(),
            expected
        );
        turns[writer] += 1;
    }
    assert_eq!(turns, [BATCHES; WRITERS]);
}

pub(super) async fn readers_see_whole_batches_while_others_write(client: Client) {
    let id = session(1);
    let writer = client.clone();
    let writing = tokio::spawn(async move {
        let mut end = Position::START;
        for turn in 0..30 {
            end = writer.add(id, end, batch(unique(3, turn))).await;
        }
        end
    });
    let mut seen = Position::START;
    let mut records = Vec::new();
    while !writing.is_finished() || client.all(id).await.end != seen {
        let tail = client.read(id, seen).await.expect("a position of the log");
        records.extend(texts(&tail));
        seen = tail.end;
        assert_eq!(seen.version, Version(records.len() as u64));
        assert_eq!(records.len() % unique(3, 0).len(), 0, "half a batch");
    }
    assert_eq!(seen, writing.await.expect("the writer is done"));
    let written = (0..30).flat_map(|turn| unique(3, turn));
    assert!(records.into_iter().eq(written));
}

/// The records of one batch, which no other batch has.
fn unique(writer: usize, turn: usize) -> Vec<String> {
    let records = 0..=writer % 3 + 1;
    records
        .map(|record| format!("{writer} {turn} {record}"))
        .collect()
}
