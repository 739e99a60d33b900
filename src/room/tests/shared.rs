//! Rooms of several nodes on one Redis.

use super::*;
use crate::rules::poker::Stage;
use crate::store::redis::tests::Server;

async fn node_on(server: &Server) -> Arc<Node> {
    Arc::new(node(Arc::new(server.store().await)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_show_the_same_order_while_their_connections_are_killed() {
    let server = Server::start();
    let (one, two) = (node_on(&server).await, node_on(&server).await);
    one.open().await;
    two.state().await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..60 {
        let node = if n % 2 == 0 { one.clone() } else { two.clone() };
        tasks.spawn(async move { node.submit(story(n)).await.expect("failures are retried") });
    }
    for _ in 0..3 {
        for kind in ["normal", "pubsub"] {
            server.command(&["CLIENT", "KILL", "TYPE", kind]).await;
        }
    }
    tasks.join_all().await;
    for node in [&one, &two] {
        node.wait_for(|event| matches!(event, Event::StoryCreated { order: 60, .. }))
            .await;
    }
    assert_eq!(one.told.events()[1..], two.told.events()[..]);
    assert_eq!(one.told.versions(), (1..=61).collect::<Vec<_>>());
    assert_eq!(one.state().await, two.state().await);
}

#[tokio::test]
async fn a_room_whose_log_was_lost_starts_over_and_tells_everybody() {
    let server = Server::start();
    let node = node_on(&server).await;
    node.open().await;
    node.submit(story(1)).await.expect("the host may");
    server.command(&["FLUSHALL"]).await;
    let lost = async {
        while node.state().await.stage != Stage::Unborn {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(DEADLINE, lost).await.expect("the room looks");
    assert_eq!(node.told.resyncs(), 1);
}

#[tokio::test]
async fn a_command_for_a_log_that_was_lost_is_decided_anew() {
    let server = Server::start();
    let node = node_on(&server).await;
    node.open().await;
    server.command(&["FLUSHALL"]).await;
    let refused = node.submit(story(1)).await;
    assert!(
        matches!(refused, Err(SubmitError::Rejected(_))),
        "{refused:?}"
    );
    assert_eq!(node.told.resyncs(), 1);
}

#[tokio::test]
async fn a_lost_end_is_noticed_although_others_have_written_as_much_again() {
    let mut server = Server::start();
    let (here, there) = (node_on(&server).await, node_on(&server).await);
    here.open().await;
    here.submit(story(1)).await.expect("the host may");
    server.command(&["SAVE"]).await;
    here.submit(story(2)).await.expect("the host may");
    server.kill();
    server.restart();
    // The other node has not seen what is lost.
    let again = async { while there.submit(story(3)).await.is_err() {} };
    timeout(DEADLINE, again).await.expect("the store is back");
    there.submit(story(4)).await.expect("the host may");
    here.submit(story(5)).await.expect("the host may");
    assert_eq!(here.state().await, there.state().await);
    let titles: Vec<_> = here
        .state()
        .await
        .stories
        .iter()
        .map(|it| it.title.clone())
        .collect();
    assert_eq!(titles, ["story 1", "story 3", "story 4", "story 5"]);
    assert_eq!(here.told.resyncs(), 1);
}
