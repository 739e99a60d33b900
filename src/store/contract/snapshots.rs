//! Folding.

use super::{
    Batch, Client, Position, StoreError, Timestamp, Version, batch, session, snapshot, texts,
};

pub(super) async fn a_fold_stands_for_the_records_it_replaced(client: Client) {
    let id = session(1);
    let (two, end) = two_and_two_more(&client).await;
    client.fold(id, two, "ab").await.expect("a fold");

    let all = client.all(id).await;
    assert_eq!(all.snapshot, Some(snapshot(Version(2), "ab")));
    assert_eq!(texts(&all), ["c", "d"]);
    assert_eq!(all.end, end);

    for (version, expected) in [(2, "cd"), (3, "d"), (4, "")] {
        let after = Position {
            version: Version(version),
            ..end
        };
        let tail = client.read(id, after).await.expect("a position of the log");
        assert_eq!((tail.snapshot, tail.end), (None, end));
        assert_eq!(tail.records.concat(), expected.as_bytes());
    }

    let middle = Position {
        version: Version(1),
        ..end
    };
    let tail = client.read(id, middle).await.expect("still a position");
    // A store may keep some of what it has folded.
    match &tail.snapshot {
        None => assert_eq!(texts(&tail).concat(), "bcd"),
        fold => {
            assert_eq!(fold, &Some(snapshot(Version(2), "ab")));
            assert_eq!(texts(&tail).concat(), "cd");
        }
    }
}

pub(super) async fn a_folded_log_goes_on(client: Client) {
    let id = session(1);
    let (_, four) = two_and_two_more(&client).await;
    client.fold(id, four, "abcd").await.expect("a fold");
    let all = client.all(id).await;
    assert_eq!((all.records.len(), all.end), (0, four));

    let five = client.add(id, four, batch(["e"])).await;
    let all = client.all(id).await;
    assert_eq!(all.snapshot, Some(snapshot(Version(4), "abcd")));
    assert_eq!((texts(&all).concat(), all.end), ("e".to_owned(), five));

    client.fold(id, five, "abcde").await.expect("another fold");
    let all = client.all(id).await;
    assert_eq!(all.snapshot, Some(snapshot(Version(5), "abcde")));
    assert_eq!((all.records.len(), all.end), (0, five));
}

pub(super) async fn a_fold_of_less_than_was_folded_changes_nothing(client: Client) {
    let id = session(1);
    let (two, end) = two_and_two_more(&client).await;
    client.fold(id, end, "abcd").await.expect("a fold");
    let before = client.all(id).await;
    client.fold(id, two, "late").await.expect("a late fold");
    client.fold(id, end, "again").await.expect("the same fold");
    assert_eq!(client.all(id).await, before);
}

pub(super) async fn a_fold_beyond_the_end_or_of_a_former_life_is_refused(client: Client) {
    let id = session(1);
    let first = Batch {
        forgettable_at: Timestamp::from_millis(10),
        ..batch(["a"])
    };
    let former = client.add(id, Position::START, first).await;
    client.sweep(10).await;
    let end = client.add(id, Position::START, batch(["b"])).await;
    let beyond = Position {
        version: Version(2),
        ..end
    };
    for (id, nowhere) in [(id, former), (id, beyond), (session(2), former)] {
        let folded = client.fold(id, nowhere, "x").await;
        assert!(matches!(folded, Err(StoreError::Rewound(_))), "{nowhere:?}");
    }
    let all = client.all(id).await;
    assert_eq!((texts(&all).concat(), all.snapshot), ("b".to_owned(), None));
    assert_eq!(client.all(session(2)).await.end, Position::START);
}

pub(super) async fn folds_during_appends_lose_nothing(client: Client) {
    const RECORDS: u64 = 60;
    let id = session(1);
    let mut end = client.add(id, Position::START, batch(["1", "2"])).await;
    let folding = client.clone();
    let folder = tokio::spawn(async move {
        while let tail = folding.all(id).await
            && tail.end.version < Version(RECORDS)
        {
            // All but the last record, by which the writer recognises an append after an error.
            let version = Version(tail.end.version.0 - 1);
            let at = Position {
                version,
                ..tail.end
            };
            let state = version.0.to_string();
            folding.fold(id, at, &state).await.expect("a fold");
        }
    });
    for number in 3..=RECORDS {
        end = client.add(id, end, batch([number.to_string()])).await;
        let tail = client.all(id).await;
        let folded = tail.snapshot.as_ref().map_or(0, |it| it.version.0);
        let state = tail.snapshot.as_ref().map(|it| it.state.to_vec());
        assert_eq!(state, (folded > 0).then(|| folded.to_string().into_bytes()));
        let behind = (folded + 1..=number).map(|it| it.to_string());
        assert!(texts(&tail).into_iter().eq(behind), "{tail:?}");
    }
    folder.await.expect("the folder is done");
}

/// A log "a", "b", "c", "d"; returns its middle and its end.
async fn two_and_two_more(client: &Client) -> (Position, Position) {
    let id = session(1);
    let two = client.add(id, Position::START, batch(["a", "b"])).await;
    (two, client.add(id, two, batch(["c", "d"])).await)
}
