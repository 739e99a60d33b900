//! How often a room tells those in it.

use tokio::time::Instant;

use super::*;

/// A node whose room is a crowd that has just been told so many things at once.
async fn told(messages: u128) -> Node {
    let node = node(Arc::new(Memory::default()));
    node.open().await;
    node.told.crowd.store(100, Ordering::Relaxed);
    let submitted = (1..=messages).map(|n| node.submit(story(n)));
    for submitted in futures_util::future::join_all(submitted).await {
        submitted.expect("the host may");
    }
    node
}

#[tokio::test(start_paused = true)]
async fn a_crowd_is_told_less_often_when_there_is_much_to_tell() {
    for (messages, millis) in [(1, 5), (2, 5), (3, 16), (9, 16)] {
        let node = told(messages).await;
        let began = Instant::now();
        node.submit(story(99)).await.expect("the host may");
        assert_eq!(began.elapsed().as_millis(), millis, "{messages}");
        tokio::time::sleep(Duration::from_millis(16)).await;
        let began = Instant::now();
        node.submit(story(98)).await.expect("the host may");
        assert_eq!(began.elapsed().as_millis(), 0, "{messages}");
    }
}

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
