//! Rooms that must act although nobody has them in memory.

use super::{Batch, Client, KIND, Kind, Position, Timestamp, Version, batch, session};
use crate::store::DUE_AGAIN;

pub(super) async fn logs_are_due_when_their_time_to_wake_is_over_the_longest_first(client: Client) {
    for (number, wake_at) in [(1, 30), (2, 10), (3, 20), (4, 31)] {
        let log = waking(wake_at, "a");
        client.add(session(number), Position::START, log).await;
    }
    let never = batch(["never"]);
    client.add(session(5), Position::START, never).await;
    assert_eq!(client.due(&KIND, 9).await, []);
    assert_eq!(client.due(&KIND, 30).await, [session(2), session(3)]);
    assert_eq!(client.due(&KIND, 30).await, [session(1)]);
    assert_eq!(client.due(&KIND, 30).await, []);
}

pub(super) async fn logs_of_another_kind_are_not_due(client: Client) {
    client
        .add(session(1), Position::START, waking(10, "a"))
        .await;
    assert_eq!(client.due(&Kind::new("other"), 10).await, []);
    assert_eq!(client.due(&KIND, 10).await, [session(1)]);
}

pub(super) async fn a_log_that_was_named_is_due_again_only_after_a_while(client: Client) {
    client
        .add(session(1), Position::START, waking(10, "a"))
        .await;
    let again = 10 + DUE_AGAIN.as_millis() as u64;
    assert_eq!(client.due(&KIND, 10).await, [session(1)]);
    assert_eq!(client.due(&KIND, again - 1).await, []);
    assert_eq!(client.due(&KIND, again).await, [session(1)]);
}

pub(super) async fn an_append_makes_a_log_that_was_named_due_at_the_time_it_says(client: Client) {
    let id = session(1);
    let end = client.add(id, Position::START, waking(10, "a")).await;
    assert_eq!(client.due(&KIND, 10).await, [id]);
    client.add(id, end, waking(10, "b")).await;
    assert_eq!(client.due(&KIND, 10).await, [id]);
}

pub(super) async fn every_append_moves_the_time_to_wake(client: Client) {
    let id = session(1);
    let end = client.add(id, Position::START, waking(10, "a")).await;
    let end = client.add(id, end, waking(30, "b")).await;
    assert_eq!(client.due(&KIND, 20).await, [], "later");
    let end = client.add(id, end, waking(15, "c")).await;
    assert_eq!(client.due(&KIND, 20).await, [id], "and earlier");
    client.add(id, end, batch(["d"])).await;
    assert_eq!(client.due(&KIND, u64::MAX >> 2).await, [], "and never");
}

pub(super) async fn a_log_is_rescheduled_only_where_it_ends(client: Client) {
    let id = session(1);
    let end = client.add(id, Position::START, waking(10, "a")).await;
    let beyond = Position {
        version: Version(2),
        ..end
    };
    for elsewhere in [Position::START, beyond] {
        client.reschedule(id, elsewhere, 30).await;
    }
    assert_eq!(client.due(&KIND, 20).await, [id]);
    client.reschedule(id, end, 21).await;
    assert_eq!(client.due(&KIND, 20).await, []);
    assert_eq!(client.due(&KIND, 21).await, [id]);
}

pub(super) async fn a_log_that_was_swept_is_not_due(client: Client) {
    let id = session(1);
    let ephemeral = Batch {
        forgettable_at: Timestamp::from_millis(20),
        ..waking(10, "a")
    };
    client.add(id, Position::START, ephemeral).await;
    client.sweep(20).await;
    assert_eq!(client.due(&KIND, 20).await, []);
}

fn waking(at: u64, record: &str) -> Batch {
    Batch {
        wake_at: Timestamp::from_millis(at),
        ..batch([record])
    }
}
