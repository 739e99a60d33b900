//! Several nodes on one store: nobody acts on what is not so any more, and the dead leave no ghosts.

use tokio_util::sync::CancellationToken;

use super::*;
use crate::store::silent::Silent;

const SHORT: Duration = Duration::from_millis(150);

/// A node that is known to the others, with short leases.
async fn announced(store: &Arc<dyn Store>) -> Node {
    let told = Arc::new(Told::default());
    let me = NodeId::new(Uuid::new_v4());
    let nodes = Nodes::new(store.clone(), me, SHORT);
    nodes.announce().await.expect("the store works");
    let rooms = Directory::new(Surroundings {
        store: store.clone(),
        deliveries: vec![told.clone()],
        bridge: None,
        policy: Policy::default(),
        nodes,
        limits: RoomLimits::default(),
        metrics: Arc::default(),
    });
    Node { rooms, told }
}

impl Node {
    fn nodes(&self) -> &Arc<Nodes> {
        &self.rooms.surroundings().nodes
    }

    /// Keeps the node alive until the guard is dropped.
    fn live(&self) -> tokio_util::sync::DropGuard {
        let stop = CancellationToken::new();
        tokio::spawn(self.nodes().clone().keep(stop.clone()));
        stop.drop_guard()
    }

    async fn sit(&self, seat: SeatId) {
        let command = Command::TakeSeat {
            player: HOST,
            node: self.nodes().me(),
            seat,
        };
        self.submit(command).await.expect("the host may sit");
    }

    async fn seats(&self) -> usize {
        self.state().await.player(HOST).expect("a host").seats.len()
    }

    async fn wait_for_seats(&self, count: usize) {
        let seen = async {
            while self.seats().await != count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(DEADLINE, seen).await.expect("within the deadline");
    }
}

fn silent() -> Arc<dyn Store> {
    Arc::new(Silent::default())
}

#[tokio::test]
async fn a_look_shows_what_another_node_has_done_before() {
    let store = silent();
    let (one, two) = (announced(&store).await, announced(&store).await);
    one.open().await;
    assert_eq!(two.state().await.stories.len(), 0);
    one.submit(story(1)).await.expect("a host may");
    assert_eq!(two.state().await.stories.len(), 1);
    let seen = two.rooms.glance(SESSION, |look| look.state.stories.len());
    assert_eq!(seen.await.expect("a session"), 1);
}

#[tokio::test]
async fn nothing_is_refused_because_a_node_has_not_heard_of_the_news() {
    let store = silent();
    let (one, two) = (announced(&store).await, announced(&store).await);
    one.open().await;
    two.state().await;
    one.submit(story(1)).await.expect("a host may");
    // On the second node there is nothing to vote on, as far as it has heard.
    two.submit(vote("5")).await.expect("there is a story");
    assert_eq!(one.state().await, two.state().await);
}

#[tokio::test]
async fn seats_of_a_node_that_dies_are_given_up_by_those_who_have_the_session_in_memory() {
    let store = silent();
    let (one, two) = (announced(&store).await, announced(&store).await);
    let (alive, _living) = (one.live(), two.live());
    one.open().await;
    one.sit(SeatId::new(id(7))).await;
    let _lease = two.rooms.lease(SESSION).await.expect("a session");
    assert_eq!(two.seats().await, 1);
    drop(alive);
    two.wait_for_seats(0).await;
}

#[tokio::test]
async fn a_node_that_has_just_come_is_not_taken_for_dead() {
    let store = silent();
    let one = announced(&store).await;
    one.open().await;
    // The first node renews no more, so it does not hear of the second one by itself.
    let two = announced(&store).await;
    let _living = two.live();
    two.sit(SeatId::new(id(7))).await;
    let three = announced(&store).await;
    assert_eq!(three.seats().await, 1);
    one.rooms.close().await;
    let one = node_of(&one, &store);
    assert_eq!(one.seats().await, 1);
}

/// The same node with an empty memory.
fn node_of(node: &Node, store: &Arc<dyn Store>) -> Node {
    let told = Arc::new(Told::default());
    let rooms = Directory::new(Surroundings {
        store: store.clone(),
        deliveries: vec![told.clone()],
        bridge: None,
        policy: Policy::default(),
        nodes: node.nodes().clone(),
        limits: RoomLimits::default(),
        metrics: Arc::default(),
    });
    Node { rooms, told }
}

#[tokio::test]
async fn a_node_that_was_away_is_told_to_take_its_seats_again_and_declares_nobody_dead_meanwhile() {
    let store = silent();
    let (one, two) = (announced(&store).await, announced(&store).await);
    one.open().await;
    two.sit(SeatId::new(id(7))).await;
    let lapsed = one.nodes().lapsed();
    // Neither renews: the store was away, or the machine asleep.
    tokio::time::sleep(2 * SHORT).await;
    assert_eq!(one.nodes().confirm().await.map(|_| ()), None);
    timeout(Duration::ZERO, lapsed).await.expect("at once");
    let lapsed = one.nodes().lapsed();
    // The other one wakes up in time, and its seats are untouched.
    let _living = (one.live(), two.live());
    timeout(DEADLINE, lapsed).await.expect("in time");
    let sure = async {
        while one.nodes().confirm().await.is_none() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(DEADLINE, sure).await.expect("within the deadline");
    assert_eq!(one.seats().await, 1);
}
