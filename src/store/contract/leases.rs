//! Which nodes are alive.

use std::time::{Duration, Instant};

use uuid::Uuid;

use super::{Client, NodeId};

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(50);
/// A lease that lasts longer has not ended.
const DEADLINE: Duration = Duration::from_secs(10);

pub(super) async fn all_nodes_with_a_lease_are_named(client: Client) {
    assert_eq!(client.renew(node(1), LONG).await, [node(1)]);
    assert_eq!(client.renew(node(2), LONG).await, [node(1), node(2)]);
    assert_eq!(client.renew(node(1), LONG).await, [node(1), node(2)]);
}

pub(super) async fn a_lease_that_is_not_renewed_ends(client: Client) {
    client.renew(node(1), SHORT).await;
    let begun = Instant::now();
    while client.renew(node(2), LONG).await.contains(&node(1)) {
        assert!(begun.elapsed() < DEADLINE, "the lease does not end");
        tokio::time::sleep(SHORT / 5).await;
    }
    assert_eq!(client.renew(node(2), LONG).await, [node(2)]);
}

fn node(number: u128) -> NodeId {
    NodeId::new(Uuid::from_u128(number))
}
