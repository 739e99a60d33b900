//! What servers of another make are shown.

use super::*;
use crate::room::Bridge;
use crate::room::draft::{Answer, Draft, Pending};
use crate::rules::turns::command::{Mode, PlannedParticipant};
use crate::rules::turns::{self, Command as Turn, Event as Turned, Plan, Turns};
use crate::store::Echo;

/// Shows the version in a key of its own and on a channel.
struct Versions;

impl Bridge<Turns> for Versions {
    fn echoes(&self, _: Timestamp, _: &Turned, after: &Turns) -> Vec<Echo> {
        let version = after.clock.as_ref().map_or(0, |clock| clock.version);
        vec![set(version), publish(version)]
    }
}

fn set(version: u64) -> Echo {
    let (key, value) = ("key".to_owned(), version.to_string());
    let life = Duration::from_secs(1);
    Echo::Set { key, value, life }
}

fn publish(version: u64) -> Echo {
    let (channel, message) = ("channel".to_owned(), version.to_string());
    Echo::Publish { channel, message }
}

fn around(bridge: Option<Arc<dyn Bridge<Turns>>>) -> Surroundings<Turns> {
    let store: Arc<dyn Store> = Arc::new(Memory::default());
    Surroundings {
        nodes: Nodes::new(store.clone(), NodeId::new(Uuid::new_v4()), LEASE),
        store,
        deliveries: Vec::new(),
        bridge,
        policy: turns::Policy::default(),
        limits: RoomLimits::default(),
        metrics: Arc::default(),
    }
}

fn drafted(around: &Surroundings<Turns>) -> Vec<Echo> {
    let plan = Plan {
        id: "clock".into(),
        mode: Mode::Global,
        participants: vec![PlannedParticipant {
            id: "p0".into(),
            index: 0,
            millis: 1_000,
            group: None,
        }],
        total_millis: 1_000,
        per_turn_millis: None,
        increment_millis: 0,
        max_millis: None,
    };
    // One in the middle is refused.
    let commands = [
        Turn::Create(Box::new(plan)),
        Turn::Start,
        Turn::Start,
        Turn::Pause,
    ];
    let orders = commands.map(|command| Order::new(Actor::System, command));
    let waiting = orders.map(|order| Pending::new(order, Answer::Look(Box::new(|_| ()))));
    let now = Timestamp::from_millis(1_000);
    let mut draft = Draft::decide(&Turns::default(), now, around, waiting.into());
    assert_eq!(draft.records.len(), 3);
    draft.take_batch().echoes
}

#[tokio::test]
async fn a_step_of_several_changes_shows_each_in_order_and_a_key_s_last_value() {
    let echoes = drafted(&around(Some(Arc::new(Versions))));
    assert_eq!(echoes, [publish(1), publish(2), set(3), publish(3)]);
}

#[tokio::test]
async fn without_a_bridge_nothing_is_shown() {
    assert_eq!(drafted(&around(None)), []);
}
