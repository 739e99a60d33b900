//! A session's life: it is opened, changed, deleted, or its time runs out.

use super::*;
use crate::rules::poker::{PasscodeHash, Stage};

const LIFE_SECS: u64 = 48 * 3600;

fn create() -> Command {
    Command::CreateSession(Box::new(plan()))
}

#[test]
fn a_session_is_opened_with_its_host_as_the_only_player_for_48_hours() {
    let events = facts(&Poker::default(), &by_system().at(0), create());
    let host = NewPlayer {
        id: ANN,
        name: "Ann".into(),
        avatar: "🦊".into(),
        spectator: false,
        proof: None,
        key: None,
    };
    let expected = Event::SessionCreated {
        name: "Sprint 41".into(),
        host,
        settings: Settings::default(),
        passcode: None,
        expires_at: moment(LIFE_SECS),
        idle_life_millis: None,
    };
    assert_eq!(events, [expected]);
}

#[test]
fn a_new_session_has_the_defaults_of_the_contract() {
    let room = given([]);
    assert_eq!(
        room.settings.cards,
        ["1", "2", "3", "5", "8", "13", "?"].map(String::from)
    );
    assert!(room.settings.allow_spectators && !room.settings.auto_reveal);
    assert_eq!(room.settings.timer_seconds.to_bits(), 60.0_f64.to_bits());
    assert_eq!(
        (room.stage, room.host, room.active()),
        (Stage::Open, Some(ANN), None)
    );
    assert_eq!((room.created_at, room.timer), (START, None));
}

#[test]
fn a_password_is_kept_but_never_shown() {
    let passcode = Some(PasscodeHash("$argon2id$secret".into()));
    let plan = NewSession { passcode, ..plan() };
    let command = Command::CreateSession(Box::new(plan));
    let events = facts(&Poker::default(), &by_system(), command);
    let room = after(&Poker::default(), START, &events);
    assert!(room.passcode.is_some());
    assert!(!format!("{room:?}{events:?}").contains("secret"));
}

#[test]
fn opening_a_session_again_changes_nothing() {
    assert_eq!(given([]).decide(&by_system(), create()), Ok(vec![]));
}

#[test]
fn opening_a_session_under_the_id_of_another_one_is_refused() {
    let plan = NewSession {
        host: newcomer(BEN),
        ..plan()
    };
    let command = Command::CreateSession(Box::new(plan));
    assert_eq!(
        given([]).decide(&by_system(), command),
        Err(Rejection::SessionUnknown)
    );
}

/// One command of every kind that needs an open session.
fn anything() -> [Command; 10] {
    [
        enter(newcomer(BEN), None),
        take_seat(ANN, TAB),
        touch(ANN),
        watch_only(ANN, true),
        add(ONE),
        vote("5"),
        reveal(),
        reset(),
        Command::StopTimer,
        Command::DeleteSession,
    ]
}

#[test]
fn nothing_can_be_done_in_a_session_that_was_never_opened() {
    for command in anything() {
        let refused = Poker::default().decide(&by(ANN), command);
        assert_eq!(refused, Err(Rejection::SessionUnknown));
    }
}

#[test]
fn a_deleted_session_is_inactive_everywhere() {
    let room = given([seated(ANN), did(ANN, Command::DeleteSession)]);
    assert_eq!((room.stage, room.ended_at), (Stage::Deleted, Some(START)));
    assert!(who(&room, ANN).seats.is_empty());
    for command in anything() {
        assert_eq!(
            room.decide(&by(ANN), command),
            Err(Rejection::SessionUnknown)
        );
    }
}

#[test]
fn only_the_host_deletes_the_session() {
    let room = given([joined(BEN)]);
    assert_eq!(
        room.decide(&by(BEN), Command::DeleteSession),
        Err(Rejection::HostOnly)
    );
    assert_eq!(
        facts(&room, &by(ANN), Command::DeleteSession),
        [Event::SessionDeleted]
    );
}

#[test]
fn from_its_expiry_on_everything_is_refused_as_expired() {
    let room = given([seated(ANN)]);
    for command in anything() {
        let in_time = room.decide(&by(ANN).at(LIFE_SECS - 1), command.clone());
        assert_ne!(in_time, Err(Rejection::SessionExpired));
        let late = room.decide(&by(ANN).at(LIFE_SECS), command);
        assert_eq!(late, Err(Rejection::SessionExpired));
    }
}

#[test]
fn an_expired_session_stays_expired() {
    let room = given([fact(Actor::System, Command::Elapse).at(LIFE_SECS)]);
    assert_eq!(room.stage, Stage::Expired);
    assert_eq!(room.ended_at, Some(moment(LIFE_SECS)));
    assert_eq!(
        room.decide(&by(ANN).at(1), add(ONE)),
        Err(Rejection::SessionExpired)
    );
}

#[test]
fn activity_never_extends_a_session() {
    let room = given([did(ANN, touch(ANN)).at(50), added(ONE).at(1000)]);
    assert_eq!(room.expires_at, moment(LIFE_SECS));
}

#[test]
fn a_deleted_session_may_be_forgotten_at_once_an_expired_one_a_day_later() {
    let open = given([]);
    let day = 24 * 3600;
    assert_eq!(open.forgettable_at(&POLICY), moment(LIFE_SECS + day));
    let deleted = then(open, did(ANN, Command::DeleteSession).at(7));
    assert_eq!(deleted.forgettable_at(&POLICY), moment(7));
}

#[test]
fn only_the_host_changes_the_settings() {
    let room = given([joined(BEN)]);
    let refused = room.decide(&by(BEN), Command::UpdateSettings(auto_reveal(true)));
    assert_eq!(refused, Err(Rejection::HostOnly));
}

#[test]
fn changed_settings_are_merged_into_the_present_ones() {
    let patch = SettingsPatch {
        name: Some("Sprint 42".into()),
        cards: Some(vec!["S".into(), "L".into()]),
        timer_seconds: Some(90.5),
        ..SettingsPatch::default()
    };
    let room = given([settled(no_spectators()), settled(patch)]);
    assert_eq!(room.name, "Sprint 42");
    let expected = Settings {
        cards: vec!["S".into(), "L".into()],
        allow_spectators: false,
        auto_reveal: false,
        timer_seconds: 90.5,
        ..Settings::default()
    };
    assert_eq!(room.settings, expected);
}

#[test]
fn settings_as_they_are_change_nothing() {
    let Settings {
        cards,
        allow_spectators,
        auto_reveal,
        timer_seconds,
        rights,
        effects,
        shown_deck,
    } = Settings::default();
    let same = SettingsPatch {
        name: Some("Sprint 41".into()),
        cards: Some(cards),
        allow_spectators: Some(allow_spectators),
        auto_reveal: Some(auto_reveal),
        timer_seconds: Some(timer_seconds),
        reveal: Some(rights.reveal),
        manage_stories: Some(rights.stories),
        show_average: Some(effects.average),
        show_countdown: Some(effects.countdown),
        show_fun: Some(effects.fun),
        shown_deck,
    };
    let nothing = facts(&given([]), &by(ANN), Command::UpdateSettings(same));
    assert_eq!(nothing, []);
}

#[test]
fn of_several_settings_only_the_changed_ones_are_facts() {
    let patch = SettingsPatch {
        name: Some("Sprint 41".into()),
        ..auto_reveal(true)
    };
    let events = facts(&given([]), &by(ANN), Command::UpdateSettings(patch));
    let patch = auto_reveal(true);
    assert_eq!(events, [Event::SettingsChanged { patch }]);
}

#[test]
fn a_setting_with_many_digits_is_stored_to_the_last_one() {
    let patch = SettingsPatch {
        timer_seconds: Some(1_699.311_287_701_110_1),
        ..SettingsPatch::default()
    };
    let room = given([settled(patch)]);
    let stored = serde_json::to_string(&room).expect("a state encodes");
    let resumed: Poker = serde_json::from_str(&stored).expect("a state decodes");
    assert_eq!(resumed, room);
}
