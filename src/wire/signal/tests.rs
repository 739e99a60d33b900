//! What connections are told of a session, frame by frame.

use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use serde_json::Value;
use uuid::Uuid;

use super::frames::{News, Scene};
use super::objects::Shot;
use super::port::{Deed, Port, Report};
use super::table::Table;
use crate::metrics::Metrics;
use crate::room::Committed;
use crate::rules::ids::{CommandId, NodeId, PlayerId, SeatId, SessionId, StoryId};
use crate::rules::poker::command::{
    Door, Entrance, Life, NewSession, Newcomer, PlayerChange, StoryRef,
};
use crate::rules::poker::settings::Rights;
use crate::rules::poker::{Command, Key, Poker, Policy, Right, Settings};
use crate::rules::{Actor, Context, Machine, Recorded, Timestamp, Version};
use crate::wire::ws::Outbox;

const ANN: PlayerId = PlayerId::new(Uuid::from_u128(0xa));
const BEN: PlayerId = PlayerId::new(Uuid::from_u128(0xb));
const SESSION: SessionId = SessionId::new(Uuid::from_u128(1));
const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const ROOMY: usize = 1 << 20;

/// A session, and the connections that are told of it.
struct Scenery {
    state: Poker,
    table: Table,
    commands: u128,
}

/// One connection of a player, and what it has been told.
struct Page {
    port: Arc<Port>,
    outbox: Arc<Outbox>,
}

impl Page {
    fn frames(&self) -> Vec<Utf8Bytes> {
        std::iter::from_fn(|| self.outbox.pop()).collect()
    }

    /// The types of the events it was told of since it was last asked.
    fn told(&self) -> Vec<String> {
        let kind = |frame: Utf8Bytes| {
            let message: Value = serde_json::from_str(&frame).expect("JSON");
            let kind = message.pointer("/event/type").unwrap_or(&message["type"]);
            kind.as_str().expect("a type").to_owned()
        };
        self.frames().into_iter().map(kind).collect()
    }
}

fn newcomer(id: PlayerId) -> Newcomer {
    Newcomer {
        id,
        name: if id == ANN { "Ann" } else { "Ben" }.into(),
        avatar: "👤".into(),
        spectator: false,
        proof: None,
        key: Some(Key {
            fingerprint: id.uuid().as_u64_pair().1,
            alias: None,
        }),
    }
}

impl Scenery {
    /// Ann's session with Ben in it.
    fn new() -> Self {
        let mut scenery = Self {
            state: Poker::default(),
            table: Table::new(Arc::new(Metrics::default())),
            commands: 0,
        };
        let rights = Rights {
            reveal: Right::Everyone,
            rounds: Right::Everyone,
            ..Rights::default()
        };
        let session = NewSession {
            name: "Sprint 1".into(),
            host: newcomer(ANN),
            settings: Settings {
                rights,
                ..Settings::default()
            },
            passcode: None,
            life: Life::Fixed,
        };
        scenery.does(ANN, Command::CreateSession(Box::new(session)));
        for player in [ANN, BEN] {
            let by = Door::Key {
                node: NodeId::new(Uuid::nil()),
                seat: SeatId::new(player.uuid()),
                max_players: 9,
            };
            let mut newcomer = newcomer(player);
            newcomer.id = PlayerId::new(Uuid::from_u128(if player == ANN { 0xfa } else { 0xb }));
            let entrance = Entrance { newcomer, by };
            scenery.does(player, Command::Enter(Box::new(entrance)));
        }
        scenery
    }

    /// Opens one more connection of a player.
    fn page(&mut self, player: PlayerId, outbox_bytes: usize) -> Page {
        let outbox = Arc::new(Outbox::new(outbox_bytes));
        let user_id = if player == ANN { "ann-1" } else { "ben-1" };
        let seat = SeatId::new(Uuid::new_v4());
        let port = Port::new(player, user_id.into(), seat, outbox.clone());
        let port = Arc::new(port);
        self.table.seat(port.clone(), &self.state);
        Page { port, outbox }
    }

    fn does(&mut self, player: PlayerId, command: Command) {
        self.commands += 1;
        let cause = CommandId::new(Uuid::from_u128(self.commands));
        self.submit((player, cause), command);
    }

    /// Does what a connection of the dialect has asked for.
    fn does_for(&mut self, page: &Page, command: Command, deed: Deed) {
        self.commands += 1;
        let cause = CommandId::new(Uuid::from_u128(self.commands));
        page.port.expect(cause, deed);
        self.submit((page.port.player, cause), command);
    }

    fn submit(&mut self, (player, cause): (PlayerId, CommandId), command: Command) {
        let cx = Context {
            now: NOW,
            actor: Actor::Player(player),
            fresh: Uuid::from_u128(0xf00 + self.commands),
            policy: &Policy::default(),
        };
        let events = self.state.decide(&cx, command).expect("nobody refuses");
        for (at, event) in (1..).zip(&events) {
            self.state.evolve(NOW, event);
            let recorded = Recorded {
                at: NOW,
                cause,
                event: event.clone(),
            };
            let committed = Committed {
                version: Version(0),
                recorded: &recorded,
                after: &self.state,
                ends_command: at == events.len(),
            };
            self.table.publish(SESSION, &committed);
        }
    }
}

fn start(topic: &str) -> Command {
    Command::StartRound {
        topic: Some(topic.into()),
        story: StoryId::new(Uuid::new_v4()),
    }
}

fn play(card: &str) -> Command {
    Command::PlayCard(card.into())
}

fn reveal() -> Command {
    Command::RevealCards(StoryRef::Active)
}

#[test]
fn what_names_nobody_is_encoded_once_for_all() {
    let mut scenery = Scenery::new();
    let pages = [ANN, ANN, BEN].map(|player| scenery.page(player, ROOMY));
    scenery.does(ANN, start("ABC-1"));
    let frames = pages.map(|page| page.frames().remove(0));
    for frame in &frames {
        assert_eq!(frame.as_str().as_ptr(), frames[0].as_str().as_ptr());
    }
}

#[test]
fn what_names_somebody_is_encoded_once_more_for_him_alone() {
    let mut scenery = Scenery::new();
    let [ann, anns_tab, ben, bens_tab] =
        [ANN, ANN, BEN, BEN].map(|player| scenery.page(player, ROOMY));
    scenery.does(ANN, start("ABC-1"));
    scenery.does(BEN, play("5"));
    let frame = |page: Page| page.frames().remove(1);
    let [ann, anns_tab, ben, bens_tab] = [ann, anns_tab, ben, bens_tab].map(frame);
    assert_eq!(ann.as_str().as_ptr(), anns_tab.as_str().as_ptr());
    assert_eq!(ben.as_str().as_ptr(), bens_tab.as_str().as_ptr());
    assert!(ben.as_str().contains(r#""playerId":"ben-1""#), "{ben:?}");
    assert!(!ann.as_str().contains("ben-1"), "{ann:?}");
    assert!(!ann.as_str().contains('5') || !ann.as_str().contains("vote\":"));
}

#[test]
fn only_the_connection_that_voted_is_told_the_card() {
    let mut scenery = Scenery::new();
    let [ben, bens_tab] = [BEN, BEN].map(|player| scenery.page(player, ROOMY));
    scenery.does(ANN, start("ABC-1"));
    scenery.does_for(&ben, play("5"), Deed::Vote);
    assert!(!ben.port.give_up(), "it has happened");
    let told = |page: Page| page.frames().remove(1).as_str().contains(r#""vote":5"#);
    assert!(told(ben) && !told(bens_tab));
}

#[test]
fn the_page_that_reveals_is_led_out_of_its_own_result_first() {
    let mut scenery = Scenery::new();
    let [ann, ben] = [ANN, BEN].map(|player| scenery.page(player, ROOMY));
    scenery.does(ANN, start("ABC-1"));
    scenery.does(BEN, play("5"));
    let _ = (ann.frames(), ben.frames());
    scenery.does_for(&ben, reveal(), Deed::Reveal);
    let result = ["SESSION_UPDATED", "VOTES_REVEALED", "SESSION_UPDATED"];
    assert_eq!(ann.told(), result);
    assert_eq!(ben.told()[..2], ["VOTING_STARTED", "SESSION_UPDATED"]);
}

#[test]
fn one_command_starts_one_round_on_the_pages() {
    let mut scenery = Scenery::new();
    scenery.does(ANN, start("ABC-1"));
    let page = scenery.page(BEN, ROOMY);
    let next = crate::rules::poker::command::NewStory {
        id: StoryId::new(Uuid::new_v4()),
        title: "ABC-2".into(),
        description: None,
        order: None,
    };
    scenery.does(ANN, Command::NextStory(Some(next)));
    assert_eq!(page.told(), ["VOTING_STARTED"]);
}

#[test]
fn stories_that_wait_start_no_round_on_the_pages() {
    let mut scenery = Scenery::new();
    scenery.does(ANN, start("ABC-1"));
    let page = scenery.page(BEN, ROOMY);
    let waiting = crate::rules::poker::command::NewStory {
        id: StoryId::new(Uuid::new_v4()),
        title: "ABC-2".into(),
        description: None,
        order: None,
    };
    scenery.does(ANN, Command::PlanStories(vec![waiting]));
    assert!(page.told().is_empty());
}

#[test]
fn a_page_that_votes_on_nothing_any_more_is_shown_a_result_of_nothing() {
    let mut scenery = Scenery::new();
    scenery.does(ANN, start("ABC-1"));
    let page = scenery.page(BEN, ROOMY);
    scenery.does(ANN, Command::NextStory(None));
    let stranded = ["SESSION_UPDATED", "VOTES_REVEALED", "SESSION_UPDATED"];
    assert_eq!(page.told(), stranded);
    scenery.does(ANN, Command::NextStory(None));
    assert_eq!(page.told(), [""; 0], "it has its start button back");
}

#[test]
fn a_removed_player_is_told_so_and_nothing_more() {
    let mut scenery = Scenery::new();
    let [ann, ben] = [ANN, BEN].map(|player| scenery.page(player, ROOMY));
    scenery.does(ANN, Command::RemovePlayer(BEN));
    scenery.does(ANN, start("ABC-1"));
    assert_eq!(ann.told(), ["PLAYER_LEFT", "VOTING_STARTED"]);
    assert!(ben.port.dismissed().is_some());
    assert_eq!(ben.told(), ["session_not_found"]);
}

#[test]
fn spectators_come_and_go_unseen() {
    let mut scenery = Scenery::new();
    let page = scenery.page(ANN, ROOMY);
    let change = |spectator| Command::UpdatePlayer {
        player: BEN,
        change: PlayerChange {
            spectator: Some(spectator),
            ..PlayerChange::default()
        },
    };
    scenery.does(BEN, change(true));
    let renamed = PlayerChange {
        name: Some("Benjamin".into()),
        ..PlayerChange::default()
    };
    let rename = Command::UpdatePlayer {
        player: BEN,
        change: renamed,
    };
    scenery.does(BEN, rename);
    scenery.does(BEN, change(false));
    assert_eq!(page.told(), ["PLAYER_LEFT", "PLAYER_JOINED"]);
}

#[test]
fn whoever_reads_too_slowly_misses_all_that_follows_and_delays_nobody() {
    let mut scenery = Scenery::new();
    let [slow, quick] = [(ANN, 300), (BEN, ROOMY)].map(|(it, bytes)| scenery.page(it, bytes));
    for topic in ["ABC-1", "ABC-2", "ABC-3", "ABC-4"] {
        scenery.does(ANN, start(topic));
    }
    assert_eq!(quick.told().len(), 4);
    assert!(slow.port.is_behind() && slow.told().len() < 4);
    slow.port.catch_up();
    scenery.does(ANN, start("ABC-5"));
    assert_eq!(
        slow.told(),
        [""; 0],
        "what it has not read yet still fills its outbox"
    );
}

#[test]
fn a_countdown_is_reported_once_and_only_as_long_as_it_can_be_meant() {
    let mut scenery = Scenery::new();
    let page = scenery.page(BEN, ROOMY);
    scenery.does(ANN, start("ABC-1"));
    scenery.does(BEN, play("5"));
    scenery.does(BEN, Command::CountDown);
    let round = scenery.state.rounds;
    assert_eq!(page.port.report(round, true), Report::Present);
    assert_eq!(page.port.report(round, true), Report::None);
    scenery.does(ANN, start("ABC-2"));
    scenery.does(BEN, play("5"));
    scenery.does(BEN, Command::CountDown);
    scenery.does(ANN, start("ABC-3"));
    assert_eq!(
        page.port.report(scenery.state.rounds, false),
        Report::Leftover
    );
    assert_eq!(page.port.overdue_at(), None);
}

#[test]
fn a_snapshot_before_the_result_lacks_just_the_finished_round() {
    let mut scenery = Scenery::new();
    for topic in ["ABC-1", "ABC-2"] {
        scenery.does(ANN, start(topic));
        scenery.does(BEN, play("5"));
        scenery.does(ANN, reveal());
    }
    let scene = Scene {
        session: SESSION,
        state: &scenery.state,
        at: NOW,
    };
    let history = |shot| {
        let names = super::ids::Names::of(&scenery.state, None);
        let frame = News::Session(shot).encode(scene, names);
        let message: Value = serde_json::from_str(&frame).expect("JSON");
        message["event"]["payload"]["session"]["history"]
            .as_array()
            .map(Vec::len)
    };
    assert_eq!(history(Shot::Present), Some(2));
    assert_eq!(history(Shot::WithoutResult), Some(1));
}

#[test]
fn nobody_shares_an_id_with_whoever_came_with_his_public_one() {
    let mut scenery = Scenery::new();
    let page = scenery.page(BEN, ROOMY);
    let thief = Port::new(
        BEN,
        ANN.to_string(),
        page.port.seat,
        Arc::new(Outbox::new(ROOMY)),
    );
    let names = super::ids::Names::of(&scenery.state, Some(thief.viewer()));
    let text = |id| serde_json::to_string(&names.id(id)).expect("an id encodes");
    assert_eq!(text(BEN), format!("\"{ANN}\""));
    assert_ne!(text(ANN), text(BEN));
    let spelling = text(ANN).trim_matches('"').to_owned();
    assert_eq!(names.player(&spelling).map(|it| it.id), Some(ANN));
    assert_eq!(names.player(&ANN.to_string()).map(|it| it.id), Some(BEN));
}
