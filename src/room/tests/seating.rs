//! Those who come and go: what they are shown, what of them may wait to be stored, and what falls due when
//! they are gone.

use super::*;
use crate::room::draft::{Answer, Draft, Pending};

fn sit(seat: u128) -> Command {
    Command::TakeSeat {
        player: HOST,
        node: NodeId::new(id(1)),
        seat: SeatId::new(id(seat)),
    }
}

#[tokio::test(start_paused = true)]
async fn of_those_who_come_at_once_everybody_is_told_before_any_of_them_looks() {
    let node = node(Arc::new(Memory::default()));
    node.open().await;
    let enter = async |seat| {
        let told = node.told.clone();
        let look = move |look: Look<'_, Poker>| (look.version, told.versions());
        let order = Order::new(Actor::Player(HOST), sit(seat)).looking_last();
        let seen = node.rooms.place(SESSION, order, look).await;
        seen.expect("the host may")
    };
    let all = (Version(3), vec![1, 2, 3]);
    assert_eq!(tokio::join!(enter(1), enter(2)), (all.clone(), all));
    assert_eq!(*node.told.dispatches.lock().unwrap(), [1, 3]);
    let unknown = Command::TakeSeat {
        player: PlayerId::new(id(99)),
        node: NodeId::new(id(1)),
        seat: SeatId::new(id(3)),
    };
    let order = Order::new(Actor::System, unknown).looking_last();
    let refused = node.rooms.place(SESSION, order, |_| ()).await;
    assert!(matches!(refused, Err(SubmitError::Rejected(_))));
}

#[tokio::test]
async fn nothing_but_presence_may_wait_to_be_stored() {
    let node = node(Arc::new(Memory::default()));
    node.open().await;
    node.submit(story(1)).await.expect("the host may");
    let state = node.state().await;
    let is_patient = |commands: &[Command]| {
        let orders = commands.iter().cloned();
        let orders = orders.map(|command| Order::new(Actor::Player(HOST), command));
        let waiting = orders.map(|order| Pending::new(order, Answer::Look(Box::new(|_| ()))));
        let (around, now) = (node.rooms.surroundings(), Timestamp::from_millis(1));
        let mut draft = Draft::decide(&state, now, around, waiting.collect());
        draft.take_batch().patient
    };
    assert!(is_patient(&[sit(1), sit(2)]));
    assert!(!is_patient(&[vote("5")]));
    assert!(!is_patient(&[sit(1), vote("5")]));
}

#[tokio::test]
async fn a_grace_that_runs_out_is_acted_on_without_anybody_asking() {
    let policy = Policy {
        disconnect_grace: Duration::from_millis(30),
        ..Policy::default()
    };
    let node = node_with(Arc::new(Memory::default()), policy, RoomLimits::default());
    node.open().await;
    let (seat, this) = (SeatId::new(id(7)), node.rooms.surroundings().nodes.me());
    node.submit(Command::TakeSeat {
        player: HOST,
        node: this,
        seat,
    })
    .await
    .expect("known");
    let lost = Command::LeaveSeat {
        player: HOST,
        seat,
        how: Departure::Lost,
    };
    node.submit(lost).await.expect("seated");
    node.wait_for(|event| *event == Event::PlayerLeft { player: HOST })
        .await;
}

#[tokio::test]
async fn seats_of_a_process_that_died_are_given_up_by_the_next_one() {
    let store: Arc<dyn Store> = Arc::new(Memory::default());
    let first = node(store.clone());
    first.open().await;
    let (seat, dead) = (SeatId::new(id(7)), first.rooms.surroundings().nodes.me());
    first
        .submit(Command::TakeSeat {
            player: HOST,
            node: dead,
            seat,
        })
        .await
        .expect("known");
    let second = node(store);
    let host = second
        .state()
        .await
        .player(HOST)
        .cloned()
        .expect("the host is known");
    assert!(host.present() && !host.online() && host.seats.is_empty());
}
