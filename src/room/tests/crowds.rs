//! How often a room tells those in it.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_crowd_is_told_what_comes_within_a_tick_at_once() {
    for (crowd, dispatches) in [(10, vec![1, 2, 3, 4]), (100, vec![1, 2, 4])] {
        let node = node(Arc::new(Memory::default()));
        node.open().await;
        node.told.crowd.store(crowd, Ordering::Relaxed);
        node.submit(story(1)).await.expect("the host may");
        let later = async {
            tokio::time::sleep(Duration::from_millis(2)).await;
            node.submit(story(3)).await
        };
        let (second, third) = tokio::join!(node.submit(story(2)), later);
        second.and(third).expect("the host may");
        assert_eq!(*node.told.dispatches.lock().unwrap(), dispatches, "{crowd}");
    }
}
