//! Rooms against real stores: order, recovery, deadlines, memory.

mod bridging;
mod crowds;
mod nodes;
mod seating;
mod shared;
mod surveys;
mod waking;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::timeout;
use uuid::Uuid;

use super::*;
use crate::rules::NodeId;
use crate::rules::ids::{PlayerId, SeatId, StoryId};
use crate::rules::poker::command::{
    Departure, Life, NewSession, NewStory, Newcomer, StoryRef, Wording,
};
use crate::rules::poker::{Command, Event, Poker, Policy, Rejection, Settings};
use crate::rules::{Actor, Recorded};
use crate::store::faulty::Faulty;
use crate::store::memory::Memory;

const DEADLINE: Duration = Duration::from_secs(10);
const LEASE: Duration = Duration::from_secs(10);

/// Remembers what every connection would have been told.
#[derive(Default)]
struct Told {
    told: Mutex<Vec<(Version, Recorded<Event>)>>,
    resyncs: AtomicUsize,
    /// How many versions were told whenever something was dispatched to the crowd.
    dispatches: Mutex<Vec<usize>>,
    crowd: AtomicUsize,
}

impl Delivery<Poker> for Told {
    fn publish(&self, _: SessionId, committed: &Committed<'_, Poker>) {
        let told = (committed.version, committed.recorded.clone());
        self.told.lock().expect("no panic").push(told);
    }

    fn dispatch(&self, _: SessionId) -> Dispatched {
        let told = self.told.lock().expect("no panic").len();
        let mut dispatches = self.dispatches.lock().expect("no panic");
        let before = dispatches.last().copied().unwrap_or(0);
        if told == before {
            return Dispatched::default();
        }
        dispatches.push(told);
        Dispatched {
            messages: told - before,
            connections: self.crowd.load(Ordering::Relaxed),
        }
    }

    fn resync(&self, _: SessionId) {
        self.resyncs.fetch_add(1, Ordering::Relaxed);
    }
}

impl Told {
    fn resyncs(&self) -> usize {
        self.resyncs.load(Ordering::Relaxed)
    }

    fn versions(&self) -> Vec<u64> {
        self.told
            .lock()
            .expect("no panic")
            .iter()
            .map(|(version, _)| version.0)
            .collect()
    }

    fn events(&self) -> Vec<Event> {
        let told = self.told.lock().expect("no panic");
        told.iter()
            .map(|(_, recorded)| recorded.event.clone())
            .collect()
    }
}

struct Node {
    rooms: Arc<Directory<Poker>>,
    told: Arc<Told>,
}

fn node_with(store: Arc<dyn Store>, policy: Policy, limits: RoomLimits) -> Node {
    let told = Arc::new(Told::default());
    let rooms = Directory::new(Surroundings {
        nodes: Nodes::new(store.clone(), NodeId::new(Uuid::new_v4()), LEASE),
        store,
        deliveries: vec![told.clone()],
        bridge: None,
        policy,
        limits,
        metrics: Arc::default(),
    });
    Node { rooms, told }
}

fn node(store: Arc<dyn Store>) -> Node {
    node_with(store, Policy::default(), RoomLimits::default())
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

const SESSION: SessionId = SessionId::new(Uuid::from_u128(1));
const HOST: PlayerId = PlayerId::new(Uuid::from_u128(2));

fn create() -> Command {
    let host = Newcomer {
        id: HOST,
        name: "Mira".to_owned(),
        avatar: "🦊".to_owned(),
        spectator: false,
        proof: None,
        key: None,
    };
    let (name, settings) = ("Sprint".to_owned(), Settings::default());
    Command::CreateSession(Box::new(NewSession {
        name,
        host,
        settings,
        passcode: None,
        life: Life::Fixed,
    }))
}

fn story(n: u128) -> Command {
    let (id, title) = (StoryId::new(id(1000 + n)), format!("story {n}"));
    Command::CreateStory(NewStory {
        id,
        title,
        description: None,
        order: None,
    })
}

fn vote(value: &str) -> Command {
    let (value, wording) = (value.to_owned(), Wording::Submit);
    Command::SubmitVote {
        story: StoryRef::Active,
        value,
        confidence: None,
        wording,
    }
}

impl Node {
    async fn open(&self) {
        self.rooms
            .create(SESSION, create(), |_| ())
            .await
            .expect("the session is new");
    }

    async fn submit(&self, command: Command) -> Result<(), SubmitError<Rejection>> {
        self.rooms
            .submit(SESSION, Actor::Player(HOST), command)
            .await
    }

    async fn state(&self) -> Poker {
        self.rooms
            .view(SESSION, |look| look.state.clone())
            .await
            .expect("the session exists")
    }

    async fn wait_for(&self, condition: impl Fn(&Event) -> bool) {
        let seen = async {
            while !self.told.events().iter().any(&condition) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(DEADLINE, seen)
            .await
            .expect("the event comes within the deadline");
    }
}

#[tokio::test]
async fn an_unknown_session_is_refused_and_not_kept_in_memory() {
    let node = node(Arc::new(Memory::default()));
    let refused = node.submit(story(1)).await;
    assert!(matches!(refused, Err(SubmitError::UnknownSession)));
    assert_eq!(node.rooms.rooms(), 0);
}

#[tokio::test]
async fn what_was_accepted_is_there_for_the_next_process() {
    let store: Arc<dyn Store> = Arc::new(Memory::default());
    let first = node(store.clone());
    first.open().await;
    first.submit(story(1)).await.expect("the host may");
    first.submit(vote("5")).await.expect("the host votes");
    let before = first.state().await;
    let second = node(store);
    assert_eq!(second.state().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_from_everywhere_get_one_gap_free_order() {
    let node = Arc::new(node(Arc::new(Memory::default())));
    node.open().await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..200 {
        let node = node.clone();
        tasks.spawn(async move { node.submit(story(n)).await.expect("there is room") });
    }
    tasks.join_all().await;
    assert_eq!(node.told.versions(), (1..=201).collect::<Vec<_>>());
    assert_eq!(node.state().await.stories.len(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_on_one_log_show_the_same_order() {
    let store: Arc<dyn Store> = Arc::new(Memory::default());
    let one = Arc::new(node(store.clone()));
    one.open().await;
    let two = Arc::new(node(store));
    two.state().await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..60 {
        let node = if n % 2 == 0 { one.clone() } else { two.clone() };
        tasks.spawn(async move { node.submit(story(n)).await.expect("conflicts are retried") });
    }
    tasks.join_all().await;
    one.wait_for(|event| matches!(event, Event::StoryCreated { order: 60, .. }))
        .await;
    two.wait_for(|event| matches!(event, Event::StoryCreated { order: 60, .. }))
        .await;
    // The second node came when the session was there; it was told everything since.
    assert_eq!(one.told.events()[1..], two.told.events()[..]);
    assert_eq!(one.state().await, two.state().await);
}

#[tokio::test]
async fn a_refusal_within_a_batch_sees_what_came_before_it() {
    let node = Arc::new(node(Arc::new(Memory::default())));
    node.open().await;
    node.submit(story(1)).await.expect("the host may");
    let (voted, revealed, late) = tokio::join!(
        node.submit(vote("5")),
        node.submit(Command::RevealCards(StoryRef::Active)),
        node.submit(vote("8"))
    );
    voted.expect("the cards are closed");
    revealed.expect("everybody has voted");
    assert!(matches!(
        late,
        Err(SubmitError::Rejected(Rejection::AlreadyRevealed))
    ));
}

#[tokio::test]
async fn an_idle_room_leaves_memory_and_comes_back_from_the_log() {
    let limits = RoomLimits {
        idle: Duration::from_millis(20),
        ..RoomLimits::default()
    };
    let node = node_with(Arc::new(Memory::default()), Policy::default(), limits);
    node.open().await;
    node.submit(story(1)).await.expect("the host may");
    let before = node.state().await;
    let gone = async {
        while node.rooms.rooms() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(DEADLINE, gone).await.expect("the room goes");
    assert_eq!(node.state().await, before);
}

#[tokio::test]
async fn a_held_room_stays_in_memory() {
    let limits = RoomLimits {
        idle: Duration::from_millis(10),
        ..RoomLimits::default()
    };
    let node = node_with(Arc::new(Memory::default()), Policy::default(), limits);
    node.open().await;
    let lease = node.rooms.lease(SESSION).await.expect("the session exists");
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(node.rooms.rooms(), 1);
    drop(lease);
}

#[tokio::test]
async fn a_long_log_is_folded_and_loads_to_the_same_state() {
    let store: Arc<dyn Store> = Arc::new(Memory::default());
    let limits = RoomLimits {
        fold_every: 8,
        ..RoomLimits::default()
    };
    let first = node_with(store.clone(), Policy::default(), limits);
    first.open().await;
    for n in 0..30 {
        first.submit(story(n)).await.expect("the host may");
    }
    let tail = store
        .read(SESSION, crate::store::Position::START)
        .await
        .expect("it is there");
    assert!(tail.snapshot.is_some() && tail.records.len() < 8);
    assert_eq!(node(store).state().await, first.state().await);
}

#[tokio::test]
async fn over_a_store_that_fails_half_the_time_nothing_is_lost_or_doubled() {
    for seed in 0..4 {
        let node = node(Arc::new(Faulty::new(Memory::default(), seed)));
        while node.rooms.create(SESSION, create(), |_| ()).await.is_err() {}
        for n in 0..40 {
            node.submit(story(n))
                .await
                .expect("patience outlasts the faults");
        }
        let state = node.state().await;
        assert_eq!(state.stories.len(), 40, "seed {seed}");
        assert_eq!(
            node.told.versions(),
            (1..=41).collect::<Vec<_>>(),
            "seed {seed}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rooms_that_come_and_go_all_the_time_tell_every_event_once() {
    let limits = RoomLimits {
        idle: Duration::ZERO,
        ..RoomLimits::default()
    };
    let store = Arc::new(Memory::default());
    let node = Arc::new(node_with(store, Policy::default(), limits));
    node.open().await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..300 {
        let node = node.clone();
        tasks.spawn(async move { node.submit(story(n)).await.expect("some room is there") });
        tokio::task::yield_now().await;
    }
    tasks.join_all().await;
    assert_eq!(node.told.versions(), (1..=301).collect::<Vec<_>>());
}
