//! Looks at whatever is in memory, which change nothing about it.

use super::*;

#[tokio::test]
async fn a_survey_sees_the_rooms_in_memory_and_opens_none() {
    let store: Arc<dyn Store> = Arc::new(Memory::default());
    let first = node(store.clone());
    first.open().await;
    first.submit(story(1)).await.expect("the host may");
    let stories = |id, look: &Look<'_, Poker>| (id, look.state.stories.len());
    assert_eq!(first.rooms.survey(9, stories).await, [(SESSION, 1)]);
    assert_eq!(first.rooms.survey(0, stories).await, []);
    let second = node(store);
    assert_eq!(second.rooms.survey(9, stories).await, []);
    assert_eq!(second.rooms.rooms(), 0);
}

#[tokio::test]
async fn a_survey_keeps_no_room_in_memory() {
    let limits = RoomLimits {
        idle: Duration::from_millis(50),
        ..RoomLimits::default()
    };
    let node = node_with(Arc::new(Memory::default()), Policy::default(), limits);
    node.open().await;
    let gone = async {
        while !node.rooms.survey(9, |id, _| id).await.is_empty() {
            tokio::task::yield_now().await;
        }
    };
    timeout(DEADLINE, gone).await.expect("the room goes");
}
