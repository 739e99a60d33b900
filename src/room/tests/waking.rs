//! Deadlines of rooms that nobody has in memory, and logs of other kinds.

use super::*;
use crate::room::wake::wake_due;
use crate::rules::turns::Turns;
use crate::rules::{Machine, Timestamp};
use crate::store::Position;

const SOON: Duration = Duration::from_millis(30);

fn short_lived() -> Policy {
    Policy {
        session_life: SOON,
        ..Policy::default()
    }
}

async fn node_of(store: &Arc<dyn Store>, policy: Policy) -> Node {
    node_with(store.clone(), policy, RoomLimits::default())
}

async fn abandoned(policy: Policy) -> Arc<dyn Store> {
    let store: Arc<dyn Store> = Arc::new(Memory::default());
    let node = node_of(&store, policy).await;
    node.open().await;
    node.rooms.close().await;
    store
}

/// How many logs are due at this moment; they are not due for a while then.
async fn due(store: &Arc<dyn Store>, now: Timestamp) -> usize {
    let due = store.due(&Poker::KIND, now, 9).await;
    due.expect("the store works").len()
}

#[tokio::test]
async fn a_deadline_is_met_although_nobody_has_the_room_in_memory() {
    let store = abandoned(short_lived()).await;
    let node = node_of(&store, short_lived()).await;
    let expired = |events: Vec<Event>| events.contains(&Event::SessionExpired);
    let waking = async {
        while !expired(node.told.events()) {
            wake_due(&node.rooms, now()).await.expect("the store works");
            tokio::time::sleep(SOON / 10).await;
        }
    };
    timeout(DEADLINE, waking).await.expect("the session ends");
    assert_eq!(due(&store, Timestamp::from_millis(u64::MAX >> 2)).await, 0);
}

#[tokio::test]
async fn a_room_that_is_reminded_too_early_says_when_to_remind_it_again() {
    let store = abandoned(Policy::default()).await;
    let node = node_of(&store, Policy::default()).await;
    // As a node whose clock is fast reminds it.
    let fast = now().after(Duration::from_hours(240));
    let reminded = wake_due(&node.rooms, fast).await;
    reminded.expect("the store works");
    let state = node.state().await;
    assert_eq!(node.told.versions(), [0; 0]);
    let (deadline, _) = state.deadline(&Policy::default()).expect("it will end");
    let early = Timestamp::from_millis(deadline.as_millis() - 1);
    assert_eq!(due(&store, early).await, 0);
    assert_eq!(due(&store, deadline).await, 1);
}

#[tokio::test]
async fn the_log_of_another_kind_of_room_is_no_session() {
    let store = abandoned(Policy::default()).await;
    let clocks = Directory::<Turns>::new(Surroundings {
        store: store.clone(),
        deliveries: Vec::new(),
        bridge: None,
        policy: crate::rules::turns::Policy {
            life: Duration::from_secs(60),
        },
        nodes: Nodes::new(store.clone(), NodeId::new(Uuid::new_v4()), LEASE),
        limits: RoomLimits::default(),
        metrics: Arc::default(),
    });
    let refused = clocks.lease(SESSION).await;
    assert!(matches!(refused, Err(SubmitError::UnknownSession)));
    let command = crate::rules::turns::Command::Elapse;
    let refused = clocks.submit(SESSION, Actor::System, command).await;
    assert!(matches!(refused, Err(SubmitError::UnknownSession)));
    let tail = store.read(SESSION, Position::START).await;
    assert_eq!(tail.expect("the store works").kind, Some(Poker::KIND));
}
