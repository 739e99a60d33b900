//! The words of the poker dialect: what each server event of the protocol says, to the letter.

use std::sync::LazyLock;
use std::time::Duration;

use insta::assert_snapshot;
use roundtable::room::{Committed, Look};
use roundtable::rules::ids::{CommandId, NodeId, PlayerId, SeatId, SessionId, StoryId};
use roundtable::rules::poker::command::{
    Audience, Departure, Door, Entrance, Life, NewSession, NewStory, Newcomer, PlayerChange,
    StoryChange, StoryRef, Wording,
};
use roundtable::rules::poker::timer::{TimerMode, TimerSettings};
use roundtable::rules::poker::{Command, Event, Poker, Policy, Settings, SettingsPatch, View};
use roundtable::rules::{Actor, Context, Machine, Recorded, Timestamp, Version};
use roundtable::wire::poker::frames::{catch_up, of_event};
use roundtable::wire::poker::screen::Screen;
use roundtable::wire::socketio::Frame;
use uuid::Uuid;

/// 2026-11-20T12:18:43.488Z
const START: Timestamp = Timestamp::from_millis(1_795_177_123_488);
const MIRA: PlayerId = PlayerId::new(Uuid::from_u128(0xa));
const JONAS: PlayerId = PlayerId::new(Uuid::from_u128(0xb));
const ONE: StoryId = StoryId::new(Uuid::from_u128(0x51));
const TWO: StoryId = StoryId::new(Uuid::from_u128(0x52));
const TAB: SeatId = SeatId::new(Uuid::from_u128(0x91));
const NODE: NodeId = NodeId::new(Uuid::from_u128(0x71));
const SESSION: SessionId = SessionId::new(Uuid::from_u128(0x3f));

static POLICY: LazyLock<Policy> = LazyLock::new(Policy::default);

/// Mira's session, a second older with every command.
struct Scene {
    state: Poker,
    now: Timestamp,
}

impl Scene {
    fn opened() -> Self {
        let mut scene = Self {
            state: Poker::default(),
            now: START,
        };
        let session = NewSession {
            name: "Sprint 41".into(),
            host: newcomer(MIRA, "Mira"),
            settings: Settings::default(),
            passcode: None,
            life: Life::Fixed,
        };
        scene.tell(MIRA, Command::CreateSession(Box::new(session)));
        scene
    }

    /// Mira's session with Jonas in it and a story to estimate.
    fn with_a_story() -> Self {
        let mut scene = Self::opened();
        scene.tell(JONAS, enter(newcomer(JONAS, "Jonas")));
        scene.tell(MIRA, Command::CreateStory(story(ONE)));
        scene
    }

    /// Gives a command and returns what the room is told of it.
    fn tell(&mut self, by: PlayerId, command: Command) -> String {
        self.now = self.now.after(Duration::from_secs(1));
        let cx = Context {
            now: self.now,
            actor: Actor::Player(by),
            fresh: Uuid::from_u128(0xe0),
            policy: &*POLICY,
        };
        let events = self
            .state
            .decide(&cx, command)
            .expect("nobody refuses this");
        let told = events.into_iter().flat_map(|event| self.happen(event));
        written(told.collect())
    }

    fn happen(&mut self, event: Event) -> Vec<Frame> {
        self.state.evolve(self.now, &event);
        let recorded = Recorded {
            at: self.now,
            cause: CommandId::new(Uuid::nil()),
            event,
        };
        of_event(&Committed {
            ends_command: true,
            version: Version(1),
            recorded: &recorded,
            after: &self.state,
        })
    }

    fn look(&self) -> Look<'_, Poker> {
        Look {
            changed_at: std::time::Instant::now(),
            version: Version(1),
            now: self.now,
            state: &self.state,
        }
    }

    /// Jonas's screen comes back after it showed this.
    fn missed(&self, prior: Option<View>) -> String {
        written(catch_up(&self.state, prior))
    }
}

fn written(frames: Vec<Frame>) -> String {
    let line = |frame: Frame| format!("{} {}", frame.event, frame.body());
    let lines: Vec<_> = frames.into_iter().map(line).collect();
    let text = lines.join("\n");
    let nulls = text.replace(r#""player":null"#, "").contains("null");
    assert!(!nulls, "absent means absent: {text}");
    text
}

fn newcomer(id: PlayerId, name: &str) -> Newcomer {
    Newcomer {
        id,
        name: name.into(),
        avatar: "🦊".into(),
        spectator: false,
        proof: None,
        key: None,
    }
}

fn enter(newcomer: Newcomer) -> Command {
    let by = Door::Rest { former: None };
    Command::Enter(Box::new(Entrance { newcomer, by }))
}

fn take_seat(player: PlayerId) -> Command {
    Command::TakeSeat {
        player,
        node: NODE,
        seat: TAB,
    }
}

fn leave_seat(player: PlayerId, how: Departure) -> Command {
    Command::LeaveSeat {
        player,
        seat: TAB,
        how,
    }
}

fn story(id: StoryId) -> NewStory {
    NewStory {
        id,
        title: "Export as CSV".into(),
        description: Some("one file per month".into()),
        order: None,
    }
}

fn estimate(estimate: &str) -> Command {
    Command::UpdateStory {
        story: StoryRef::Active,
        change: StoryChange {
            estimate: Some(estimate.into()),
            completes: true,
            ..StoryChange::default()
        },
    }
}

fn vote(value: &str, confidence: Option<u8>, wording: Wording) -> Command {
    Command::SubmitVote {
        story: StoryRef::Active,
        value: value.into(),
        confidence,
        wording,
    }
}

fn submit(value: &str) -> Command {
    vote(value, None, Wording::Submit)
}

fn reveal() -> Command {
    Command::RevealCards(StoryRef::Active)
}

fn watch_only() -> Command {
    let spectator = Some(true);
    Command::UpdatePlayer {
        player: JONAS,
        change: PlayerChange {
            spectator,
            ..PlayerChange::default()
        },
    }
}

fn start_timer() -> Command {
    Command::StartTimer {
        duration: 120,
        mode: Some(TimerMode::Countdown),
        settings: Some(TimerSettings {
            auto_reveal: Some(true),
            auto_skip: Some(false),
            audio_enabled: Some(true),
            warning_at: Some(vec![60, 30, 10]),
        }),
    }
}

#[path = "frames/people.rs"]
mod people;
#[path = "frames/play.rs"]
mod play;
#[path = "frames/screens.rs"]
mod screens;
