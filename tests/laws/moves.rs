//! Random games: anybody may want anything, whether he may or not.

use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use roundtable::rules::ids::{NodeId, PlayerId, SeatId, StoryId};
use roundtable::rules::poker::command::{
    Audience, Departure, Door, Entrance, Life, NewSession, NewStory, Newcomer, PlayerChange,
    StoryChange, StoryRef, Wording,
};
use roundtable::rules::poker::timer::{TimerMode, TimerSettings};
use roundtable::rules::poker::{
    Command, Key, Poker, Policy, Proof, Right, Settings, SettingsPatch, ShownDeck,
};
use uuid::Uuid;

use crate::play::{leaked, secs};

pub(crate) const MAX_MOVES: usize = 70;
const PLAYERS: u128 = 7;

/// Who makes a move.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Who {
    Host,
    Player(PlayerId),
    System,
}

#[derive(Clone, Debug)]
pub(crate) struct Move {
    pub(crate) who: Who,
    /// How the wall clock changes before; it may go back.
    pub(crate) wait_millis: i64,
    command: Command,
}

impl Move {
    pub(crate) fn opening() -> Self {
        let (who, wait_millis) = (Who::System, 0);
        let session = NewSession {
            name: "Sprint".into(),
            host: newcomer(0, false),
            settings: Settings::default(),
            passcode: None,
            life: Life::Fixed,
        };
        Self {
            who,
            wait_millis,
            command: Command::CreateSession(Box::new(session)),
        }
    }

    /// The command; a card carries the mark of its round, so that it is known wherever it shows.
    pub(crate) fn command(self, state: &Poker) -> Command {
        match self.command {
            Command::SubmitVote {
                story,
                value,
                confidence,
                wording,
            } => Command::SubmitVote {
                story,
                value: value.replace('#', &format!("{:03}", state.rounds)),
                confidence,
                wording,
            },
            command => command,
        }
    }
}

/// Whether only the host may give this command.
pub(crate) fn is_host_only(command: &Command) -> bool {
    matches!(
        command,
        Command::RemovePlayer(_)
            | Command::PromotePlayer(_)
            | Command::CreateStory(_)
            | Command::PlanStories(_)
            | Command::UpdateStory { .. }
            | Command::DeleteStory(_)
            | Command::MoveStory { .. }
            | Command::ActivateStory(_)
            | Command::CompleteStory { .. }
            | Command::NextStory(_)
            | Command::StartTimer { .. }
            | Command::ConfigureTimer { .. }
            | Command::StopTimer
            | Command::UpdateSettings(_)
            | Command::DeleteSession
    )
}

/// A policy and the moves of a game; nearly always the session is opened first.
pub(crate) fn game() -> impl Strategy<Value = (&'static Policy, Vec<Move>)> {
    let opened = prop::bool::weighted(0.97);
    let moves = vec(a_move(), 0..MAX_MOVES);
    (select(policies()), opened, moves).prop_map(|(policy, opened, mut moves)| {
        if opened {
            moves.insert(0, Move::opening());
        }
        (policy, moves)
    })
}

/// The defaults, and policies that are as odd as an operator can make them.
pub(crate) fn policies() -> Vec<&'static Policy> {
    static POLICIES: LazyLock<[&Policy; 4]> = LazyLock::new(|| {
        let hasty = Policy {
            disconnect_grace: secs(0),
            join_grace: secs(1),
            host_handover: Some(secs(1)),
            ..Policy::default()
        };
        let patient = Policy {
            disconnect_grace: secs(900),
            join_grace: secs(900),
            host_handover: Some(secs(2)),
            ..Policy::default()
        };
        let crowded = Policy {
            host_handover: None,
            max_players: 3,
            max_stories: 2,
            max_records: 4,
            session_life: secs(600),
            ..Policy::default()
        };
        [Policy::default(), hasty, patient, crowded].map(leaked)
    });
    POLICIES.to_vec()
}

fn a_move() -> impl Strategy<Value = Move> {
    let who = prop_oneof![
        4 => Just(Who::Host),
        6 => player().prop_map(Who::Player),
        1 => Just(Who::System),
    ];
    (who, wait_millis(), a_command()).prop_map(|(who, wait_millis, command)| Move {
        who,
        wait_millis,
        command,
    })
}

fn wait_millis() -> impl Strategy<Value = i64> {
    prop_oneof![
        20 => 0..3_000_i64,
        6 => 3_000..20_000_i64,
        3 => 20_000..200_000_i64,
        2 => -100_000..0_i64,
    ]
}

fn a_command() -> BoxedStrategy<Command> {
    prop_oneof![
        12 => people(),
        6 => seats(),
        6 => stories(),
        9 => rounds(),
        2 => session(),
    ]
    .boxed()
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

/// Mostly somebody who may be there; the last one never is.
fn player() -> impl Strategy<Value = PlayerId> {
    (0..PLAYERS).prop_map(|n| PlayerId::new(id(0xa00 + n)))
}

fn story_id() -> impl Strategy<Value = StoryId> {
    (0..5_u128).prop_map(|n| StoryId::new(id(0x500 + n)))
}

fn seat_id() -> impl Strategy<Value = SeatId> {
    (0..3_u128).prop_map(|n| SeatId::new(id(0x900 + n)))
}

fn node_id() -> impl Strategy<Value = NodeId> {
    (0..2_u128).prop_map(|n| NodeId::new(id(0x700 + n)))
}

fn proof() -> impl Strategy<Value = Option<Proof>> {
    option::of((0..3_u64).prop_map(Proof))
}

fn newcomer(n: u128, spectator: bool) -> Newcomer {
    Newcomer {
        id: PlayerId::new(id(0xa00 + n)),
        name: format!("Player {}", n % 4),
        avatar: "🦊".into(),
        spectator,
        proof: None,
        key: None,
    }
}

fn entrance() -> impl Strategy<Value = Command> {
    let door = prop_oneof![
        3 => option::of(player()).prop_map(|former| Door::Rest { former }),
        2 => (node_id(), seat_id()).prop_map(|(node, seat)| Door::Socket { node, seat }),
        3 => (node_id(), seat_id(), 2..9_usize).prop_map(|(node, seat, max_players)| Door::Key {
            node,
            seat,
            max_players,
        }),
    ];
    (0..PLAYERS - 1, prop::bool::weighted(0.2), door).prop_map(|(n, spectator, by)| {
        let mut newcomer = newcomer(n, spectator);
        newcomer.key = matches!(by, Door::Key { .. }).then(|| key(n));
        Command::Enter(Box::new(Entrance { newcomer, by }))
    })
}

/// Two players of one key are one; whoever comes in anew has another id each time.
fn key(n: u128) -> Key {
    Key {
        fingerprint: n as u64 % 3,
        alias: None,
    }
}

fn people() -> impl Strategy<Value = Command> {
    let audience = select(vec![Audience::Room, Audience::Nobody]);
    prop_oneof![
        5 => entrance(),
        1 => (player(), proof()).prop_map(|(player, proof)| Command::Touch { player, proof }),
        1 => (player(), audience)
            .prop_map(|(player, audience)| Command::NoteActivity { player, audience }),
        2 => (player(), player_change())
            .prop_map(|(player, change)| Command::UpdatePlayer { player, change }),
        1 => player().prop_map(Command::RemovePlayer),
        1 => player().prop_map(Command::PromotePlayer),
    ]
}

fn player_change() -> impl Strategy<Value = PlayerChange> {
    let name = option::of((0..4_u8).prop_map(|n| format!("Player {n}")));
    (name, option::of(any::<bool>())).prop_map(|(name, spectator)| PlayerChange {
        name,
        avatar: None,
        spectator,
    })
}

fn seats() -> impl Strategy<Value = Command> {
    let how = select(vec![
        Departure::OnPurpose,
        Departure::WithCard,
        Departure::Lost,
    ]);
    prop_oneof![
        5 => (player(), node_id(), seat_id())
            .prop_map(|(player, node, seat)| Command::TakeSeat { player, node, seat }),
        4 => (player(), seat_id(), how)
            .prop_map(|(player, seat, how)| Command::LeaveSeat { player, seat, how }),
        1 => vec(node_id(), 0..3).prop_map(Command::LoseNodes),
    ]
}

fn new_story() -> impl Strategy<Value = NewStory> {
    let order = option::weighted(0.2, prop_oneof![0..4_u64, Just(u64::MAX)]);
    (story_id(), order).prop_map(|(id, order)| NewStory {
        id,
        title: "Story".into(),
        description: Some(String::new()),
        order,
    })
}

fn stories() -> impl Strategy<Value = Command> {
    prop_oneof![
        6 => new_story().prop_map(Command::CreateStory),
        1 => vec(new_story(), 0..4).prop_map(Command::PlanStories),
        2 => story_update(),
        1 => story_id().prop_map(Command::DeleteStory),
        2 => (story_id(), 0..5_usize).prop_map(|(story, to)| Command::MoveStory { story, to }),
        3 => story_id().prop_map(Command::ActivateStory),
        1 => (story_id(), text())
            .prop_map(|(story, estimate)| Command::CompleteStory { story, estimate }),
        1 => option::of(new_story()).prop_map(Command::NextStory),
    ]
}

fn text() -> impl Strategy<Value = String> {
    select(vec![String::new(), "one".into(), "two".into()])
}

fn story_ref() -> impl Strategy<Value = StoryRef> {
    prop_oneof![
        6 => Just(StoryRef::Active),
        2 => story_id().prop_map(StoryRef::Id),
        1 => Just(StoryRef::Unknown),
    ]
}

/// Only REST ends a story's being active, and REST names the story it means.
fn story_update() -> impl Strategy<Value = Command> {
    (story_ref(), story_change()).prop_map(|(story, change)| {
        let named = matches!(story, StoryRef::Id(_));
        let active = change.active.filter(|_| named);
        let change = StoryChange { active, ..change };
        Command::UpdateStory { story, change }
    })
}

fn story_change() -> impl Strategy<Value = StoryChange> {
    let texts = (option::of(text()), option::of(text()), option::of(text()));
    let switches = (option::of(any::<bool>()), any::<bool>());
    (texts, switches).prop_map(|((title, description, estimate), (active, completes))| {
        StoryChange {
            title,
            description,
            estimate,
            active,
            completes,
        }
    })
}

/// A card: a number or a text, with a place for the mark of its round.
fn card() -> impl Strategy<Value = String> {
    select(vec!["77#1".into(), "77#2".into(), "§#§".to_owned()])
}

fn rounds() -> impl Strategy<Value = Command> {
    let confidence = option::of(1..=5_u8);
    let wording = select(vec![Wording::Submit, Wording::Change]);
    let vote = (story_ref(), card(), confidence, wording);
    prop_oneof![
        8 => vote.prop_map(|(story, value, confidence, wording)| Command::SubmitVote {
            story,
            value,
            confidence,
            wording,
        }),
        2 => story_ref().prop_map(Command::RevealCards),
        1 => Just(Command::CountDown),
        1 => (option::of(text()), story_id())
            .prop_map(|(topic, story)| Command::StartRound { topic, story }),
        1 => story_ref().prop_map(Command::ResetRound),
    ]
}

fn timer_mode() -> impl Strategy<Value = Option<TimerMode>> {
    let modes = vec![TimerMode::Countdown, TimerMode::Stopwatch, TimerMode::None];
    option::of(select(modes))
}

fn proposal() -> impl Strategy<Value = Command> {
    let right = select(vec![Right::Host, Right::Everyone, Right::Players(vec![])]);
    let deck = select(vec![ShownDeck::Simple, ShownDeck::Extended]);
    let parts = (
        option::of(right),
        option::of(deck),
        option::of(any::<bool>()),
    );
    (parts, option::of(player())).prop_map(|((reveal, shown_deck, auto_reveal), host)| {
        let patch = SettingsPatch {
            reveal,
            shown_deck,
            auto_reveal,
            ..SettingsPatch::default()
        };
        Command::ProposeSettings { patch, host }
    })
}

fn session() -> impl Strategy<Value = Command> {
    let patch = (
        option::of(any::<bool>()),
        option::of(any::<bool>()),
        option::of(0.0..3600.0),
    );
    let patch = patch.prop_map(
        |(allow_spectators, auto_reveal, timer_seconds)| SettingsPatch {
            allow_spectators,
            auto_reveal,
            timer_seconds,
            ..SettingsPatch::default()
        },
    );
    let timer = (0..90_000_u32, timer_mode());
    prop_oneof![
        12 => patch.prop_map(Command::UpdateSettings),
        6 => proposal(),
        4 => timer.prop_map(|(duration, mode)| Command::StartTimer {
            duration,
            mode,
            settings: None,
        }),
        2 => (0..100_u32).prop_map(|duration| Command::ConfigureTimer {
            duration,
            mode: None,
            settings: TimerSettings::default(),
        }),
        2 => Just(Command::StopTimer),
        8 => Just(Command::Elapse),
        1 => Just(Command::DeleteSession),
        1 => Just(Move::opening().command),
    ]
}
