//! The events behind the golden lines: each kind with everything it can say, and with the least.

use roundtable::rules::ids::{CommandId, NodeId, PlayerId, SeatId, StoryId, VoteId};
use roundtable::rules::poker::command::Wording;
use roundtable::rules::poker::event::NewPlayer;
use roundtable::rules::poker::settings::{Effects, Rights};
use roundtable::rules::poker::story::Origin;
use roundtable::rules::poker::timer::{TimerMode, TimerSettings};
use roundtable::rules::poker::{
    Event, Key, PasscodeHash, Proof, Right, Settings, SettingsPatch, ShownDeck,
};
use roundtable::rules::{Recorded, Timestamp};
use uuid::Uuid;

pub(crate) const START: u64 = 1_795_176_725_612;

pub(crate) const ANN: PlayerId = PlayerId::new(uuid(0xa));
pub(crate) const BEN: PlayerId = PlayerId::new(uuid(0xb));
const CAT: PlayerId = PlayerId::new(uuid(0xc));
const DAN: PlayerId = PlayerId::new(uuid(0xd));
pub(crate) const ONE: StoryId = StoryId::new(uuid(0x51));
pub(crate) const TWO: StoryId = StoryId::new(uuid(0x52));
const THREE: StoryId = StoryId::new(uuid(0x53));
const NODE: NodeId = NodeId::new(uuid(0x71));
const TAB: SeatId = SeatId::new(uuid(0x91));
const OTHER_TAB: SeatId = SeatId::new(uuid(0x92));

const fn uuid(n: u128) -> Uuid {
    Uuid::from_u128((0x3f6d_0c1e << 96) + n)
}

macro_rules! kinds {
    ($($variant:ident => $kind:literal,)+) => {
        /// The tags of all kinds of events.
        pub(crate) const KINDS: [&str; [$($kind),+].len()] = [$($kind),+];

        /// The tag of an event; exhaustive, so that no kind is forgotten here.
        pub(crate) fn kind(event: &Event) -> &'static str {
            match event {
                $(Event::$variant { .. } => $kind,)+
            }
        }
    };
}

kinds! {
    SessionCreated => "session_created",
    SettingsChanged => "settings_changed",
    SessionDeleted => "session_deleted",
    SessionExpired => "session_expired",
    SessionProlonged => "session_prolonged",
    PlayerJoined => "player_joined",
    PlayerRejoined => "player_rejoined",
    PlayerReturned => "player_returned",
    PlayerLeft => "player_left",
    PlayerRemoved => "player_removed",
    PlayerForgotten => "player_forgotten",
    PlayerUpdated => "player_updated",
    PlayerSeen => "player_seen",
    AddressProven => "address_proven",
    SeatTaken => "seat_taken",
    SeatLeft => "seat_left",
    HostChanged => "host_changed",
    StoryCreated => "story_created",
    StoryActivated => "story_activated",
    StoryUpdated => "story_updated",
    StoryDeleted => "story_deleted",
    StoriesReordered => "stories_reordered",
    VoteSubmitted => "vote_submitted",
    VoteWithdrawn => "vote_withdrawn",
    CardsRevealed => "cards_revealed",
    RoundReset => "round_reset",
    TimerStarted => "timer_started",
    TimerConfigured => "timer_configured",
    TimerStopped => "timer_stopped",
}

pub(crate) fn recorded(events: Vec<Event>) -> Vec<Recorded<Event>> {
    let record = |(n, event)| Recorded {
        at: Timestamp::from_millis(START + n * 1000),
        cause: CommandId::new(uuid(0xc000 + u128::from(n))),
        event,
    };
    (0_u64..).zip(events).map(record).collect()
}

pub(crate) fn player(id: PlayerId, name: &str) -> NewPlayer {
    NewPlayer {
        id,
        name: name.into(),
        avatar: "🦊".into(),
        spectator: false,
        proof: None,
        key: None,
    }
}

pub(crate) fn created(story: StoryId, order: u64, previous: Option<StoryId>) -> Event {
    Event::StoryCreated {
        story,
        title: "Export as CSV".into(),
        description: Some("one file per month".into()),
        order,
        previous,
        origin: Origin::Backlog,
        inactive: false,
    }
}

pub(crate) fn voted(n: u128, player: PlayerId, value: &str, confidence: Option<u8>) -> Event {
    Event::VoteSubmitted {
        vote: VoteId::new(uuid(0xe0 + n)),
        player,
        value: value.into(),
        confidence,
        wording: Wording::Change,
    }
}

fn timer_settings() -> TimerSettings {
    TimerSettings {
        auto_reveal: Some(true),
        auto_skip: Some(false),
        audio_enabled: Some(true),
        warning_at: Some(vec![60, 30, 10]),
    }
}

/// Every kind of event with all it can say, in a session that stays open.
pub(crate) fn full() -> Vec<Recorded<Event>> {
    let mut events = full_people();
    events.extend(full_stories());
    events.extend(full_rounds());
    recorded(events)
}

fn full_people() -> Vec<Event> {
    let proof = Proof(u64::MAX);
    let host = NewPlayer {
        proof: Some(proof),
        ..player(ANN, "Ann")
    };
    let watcher = NewPlayer {
        spectator: true,
        ..player(CAT, "Cat")
    };
    let seat = |player, seat, woke| Event::SeatTaken {
        player,
        node: NODE,
        seat,
        woke,
    };
    let lost = |player, seat, offline| Event::SeatLeft {
        player,
        seat,
        offline,
    };
    vec![
        Event::SessionCreated {
            name: "Sprint 41".into(),
            host,
            settings: Settings::default(),
            passcode: Some(PasscodeHash(
                "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".into(),
            )),
            expires_at: Timestamp::from_millis(START + 172_800_000),
            idle_life_millis: None,
        },
        Event::SettingsChanged {
            patch: SettingsPatch {
                name: Some("Sprint 42".into()),
                cards: Some(vec!["½".into(), "5".into(), "☕".into()]),
                allow_spectators: Some(false),
                auto_reveal: Some(true),
                timer_seconds: Some(90.5),
                ..SettingsPatch::default()
            },
        },
        Event::PlayerJoined {
            player: player(BEN, "Ben"),
        },
        Event::PlayerJoined { player: watcher },
        Event::PlayerJoined {
            player: player(DAN, "Dan"),
        },
        seat(ANN, TAB, true),
        seat(BEN, TAB, false),
        seat(BEN, OTHER_TAB, false),
        lost(BEN, TAB, false),
        lost(BEN, OTHER_TAB, true),
        Event::PlayerLeft { player: BEN },
        Event::PlayerReturned { player: BEN },
        Event::PlayerRejoined {
            player: BEN,
            name: "Benjamin".into(),
            avatar: "🚀".into(),
            returned: true,
            woke: false,
        },
        Event::PlayerUpdated {
            player: CAT,
            name: Some("Catherine".into()),
            avatar: Some("avatar-3".into()),
            spectator: Some(false),
        },
        Event::PlayerSeen {
            player: ANN,
            announced: true,
        },
        Event::AddressProven {
            player: ANN,
            proof: Proof(7),
        },
        Event::PlayerLeft { player: DAN },
        Event::PlayerForgotten { player: DAN },
        Event::HostChanged {
            host: BEN,
            previous: ANN,
        },
    ]
}

fn full_stories() -> Vec<Event> {
    vec![
        created(ONE, 1, None),
        created(TWO, 2, Some(ONE)),
        created(THREE, 3, Some(TWO)),
        Event::StoryDeleted {
            story: THREE,
            was_active: true,
        },
        Event::StoryActivated {
            story: ONE,
            previous: Some(TWO),
        },
        voted(1, ANN, "½", Some(5)),
        voted(2, CAT, "☕", None),
        Event::CardsRevealed {
            story: ONE,
            counted: vec![ANN, CAT],
            countdown: false,
        },
        Event::PlayerRemoved {
            player: CAT,
            by: BEN,
        },
        Event::StoryUpdated {
            story: ONE,
            title: Some("Export as PDF".into()),
            description: Some(String::new()),
            estimate: Some("5".into()),
            completed: true,
            deactivated: true,
        },
    ]
}

fn full_rounds() -> Vec<Event> {
    vec![
        Event::StoryActivated {
            story: TWO,
            previous: None,
        },
        voted(3, BEN, "5", Some(1)),
        Event::RoundReset { story: Some(TWO) },
        voted(4, BEN, "8", None),
        voted(5, ANN, "5", Some(2)),
        voted(6, BEN, "5", Some(3)),
        Event::TimerStopped,
        Event::TimerConfigured {
            duration: 90,
            mode: Some(TimerMode::Countdown),
            settings: timer_settings(),
        },
        Event::TimerStarted {
            duration: 120,
            mode: Some(TimerMode::Stopwatch),
            settings: Some(timer_settings()),
        },
    ]
}

/// Every kind of event with the least it can say; the session is over at the end.
pub(crate) fn minimal() -> Vec<Recorded<Event>> {
    let mut events = minimal_people();
    events.extend(minimal_play());
    recorded(events)
}

fn minimal_people() -> Vec<Event> {
    vec![
        Event::SessionCreated {
            name: "S".into(),
            host: player(ANN, "Ann"),
            settings: Settings::default(),
            passcode: None,
            expires_at: Timestamp::from_millis(START + 172_800_000),
            idle_life_millis: None,
        },
        Event::SettingsChanged {
            patch: SettingsPatch::default(),
        },
        Event::PlayerJoined {
            player: player(BEN, "Ben"),
        },
        Event::PlayerRejoined {
            player: BEN,
            name: "Ben".into(),
            avatar: "🦊".into(),
            returned: false,
            woke: false,
        },
        Event::PlayerUpdated {
            player: BEN,
            name: None,
            avatar: None,
            spectator: None,
        },
        Event::PlayerSeen {
            player: BEN,
            announced: false,
        },
        Event::AddressProven {
            player: BEN,
            proof: Proof(0),
        },
        Event::SeatTaken {
            player: BEN,
            node: NODE,
            seat: TAB,
            woke: false,
        },
        Event::SeatLeft {
            player: BEN,
            seat: TAB,
            offline: false,
        },
        Event::PlayerLeft { player: BEN },
        Event::PlayerReturned { player: BEN },
        Event::HostChanged {
            host: BEN,
            previous: ANN,
        },
        Event::PlayerRemoved {
            player: ANN,
            by: BEN,
        },
        Event::PlayerForgotten { player: ANN },
    ]
}

fn minimal_play() -> Vec<Event> {
    vec![
        Event::StoryCreated {
            story: ONE,
            title: "T".into(),
            description: None,
            order: 1,
            previous: None,
            origin: Origin::Backlog,
            inactive: false,
        },
        Event::StoryActivated {
            story: ONE,
            previous: None,
        },
        Event::StoryUpdated {
            story: ONE,
            title: None,
            description: None,
            estimate: None,
            completed: false,
            deactivated: false,
        },
        Event::VoteSubmitted {
            vote: VoteId::new(uuid(0xe1)),
            player: BEN,
            value: "5".into(),
            confidence: None,
            wording: Wording::Submit,
        },
        Event::CardsRevealed {
            story: ONE,
            counted: vec![],
            countdown: false,
        },
        Event::RoundReset { story: None },
        Event::StoryDeleted {
            story: ONE,
            was_active: false,
        },
        Event::TimerStarted {
            duration: 0,
            mode: None,
            settings: None,
        },
        Event::TimerConfigured {
            duration: 0,
            mode: None,
            settings: TimerSettings::default(),
        },
        Event::TimerStopped,
        Event::SessionDeleted,
        Event::SessionExpired,
    ]
}

/// What came with players who choose their own ids.
pub(crate) fn keyed() -> Vec<Recorded<Event>> {
    let mut events = keyed_people();
    events.extend(keyed_rounds());
    recorded(events)
}

fn keyed_people() -> Vec<Event> {
    let key = |fingerprint, alias: Option<&str>| {
        let alias = alias.map(str::to_owned);
        Some(Key { fingerprint, alias })
    };
    let host = NewPlayer {
        key: key(u64::MAX, Some("user_1")),
        ..player(ANN, "Ann")
    };
    let guest = NewPlayer {
        key: key(0, None),
        ..player(BEN, "Ben")
    };
    let settings = Settings {
        rights: Rights {
            reveal: Right::Everyone,
            stories: Right::Host,
            rounds: Right::Players(vec![ANN]),
        },
        effects: Effects {
            average: false,
            countdown: true,
            fun: false,
        },
        shown_deck: Some(ShownDeck::Extended),
        ..Settings::default()
    };
    vec![
        Event::SessionCreated {
            name: "Sprint 41".into(),
            host,
            settings,
            passcode: None,
            expires_at: Timestamp::from_millis(START + 86_400_000),
            idle_life_millis: Some(86_400_000),
        },
        Event::PlayerJoined { player: guest },
        Event::SettingsChanged {
            patch: SettingsPatch {
                reveal: Some(Right::Players(vec![BEN])),
                manage_stories: Some(Right::Everyone),
                show_average: Some(true),
                show_countdown: Some(false),
                show_fun: Some(true),
                shown_deck: Some(ShownDeck::Simple),
                ..SettingsPatch::default()
            },
        },
        Event::PlayerRejoined {
            player: BEN,
            name: "Benjamin".into(),
            avatar: "👤".into(),
            returned: false,
            woke: true,
        },
        Event::SessionProlonged,
    ]
}

fn keyed_rounds() -> Vec<Event> {
    let started = |story, title: &str, origin| Event::StoryCreated {
        story,
        title: title.into(),
        description: None,
        order: 1,
        previous: None,
        origin,
        inactive: false,
    };
    vec![
        started(ONE, "ABC-1", Origin::Round),
        voted(1, BEN, "3", None),
        Event::CardsRevealed {
            story: ONE,
            counted: vec![BEN],
            countdown: true,
        },
        started(TWO, "Vote #2", Origin::Untitled),
        voted(2, ANN, "0", None),
        Event::VoteWithdrawn { player: ANN },
    ]
}
