//! Frames about players.

use super::*;

#[test]
fn joining() {
    let mut scene = Scene::opened();
    assert_snapshot!(scene.tell(JONAS, enter(newcomer(JONAS, "Jonas"))));
}

#[test]
fn joining_while_votes_are_in() {
    let mut scene = Scene::opened();
    scene.tell(MIRA, Command::CreateStory(story(ONE)));
    scene.tell(MIRA, submit("5"));
    assert_snapshot!(scene.tell(JONAS, enter(newcomer(JONAS, "Jonas"))));
}

#[test]
fn leaving_on_purpose_as_the_host() {
    let mut scene = Scene::with_a_story();
    scene.tell(MIRA, take_seat(MIRA));
    assert_snapshot!(scene.tell(MIRA, leave_seat(MIRA, Departure::OnPurpose)));
}

#[test]
fn leaving_while_votes_are_in() {
    let mut scene = Scene::with_a_story();
    scene.tell(MIRA, submit("5"));
    scene.tell(JONAS, take_seat(JONAS));
    assert_snapshot!(scene.tell(JONAS, leave_seat(JONAS, Departure::OnPurpose)));
}

#[test]
fn going_offline_and_waking_up() {
    let mut scene = Scene::opened();
    assert_eq!(scene.tell(MIRA, take_seat(MIRA)), "");
    let offline = scene.tell(MIRA, leave_seat(MIRA, Departure::Lost));
    let woke = scene.tell(MIRA, take_seat(MIRA));
    assert_snapshot!([offline, woke].join("\n"));
}

#[test]
fn returning_as_the_host() {
    let mut scene = Scene::opened();
    scene.tell(MIRA, take_seat(MIRA));
    scene.tell(MIRA, leave_seat(MIRA, Departure::OnPurpose));
    assert_snapshot!(scene.tell(MIRA, take_seat(MIRA)));
}

#[test]
fn rejoining() {
    let mut scene = Scene::opened();
    let again = Newcomer {
        avatar: "🚀".into(),
        ..newcomer(JONAS, "mira")
    };
    let by = Door::Rest { former: Some(MIRA) };
    let command = Command::Enter(Box::new(Entrance {
        newcomer: again,
        by,
    }));
    assert_snapshot!(scene.tell(MIRA, command));
}

#[test]
fn being_active() {
    let mut scene = Scene::opened();
    scene.now = scene.now.after(Duration::from_secs(10));
    let active = |audience| Command::NoteActivity {
        player: MIRA,
        audience,
    };
    assert_snapshot!(scene.tell(MIRA, active(Audience::Room)));
    scene.now = scene.now.after(Duration::from_secs(10));
    assert_eq!(scene.tell(MIRA, active(Audience::Nobody)), "");
}

#[test]
fn becoming_a_spectator_with_a_vote() {
    let mut scene = Scene::with_a_story();
    scene.tell(MIRA, submit("5"));
    scene.tell(JONAS, submit("8"));
    assert_snapshot!(scene.tell(JONAS, watch_only()));
}

#[test]
fn being_removed() {
    let mut scene = Scene::with_a_story();
    scene.tell(MIRA, submit("5"));
    assert_snapshot!(scene.tell(MIRA, Command::RemovePlayer(JONAS)));
}

#[test]
fn being_promoted() {
    let mut scene = Scene::with_a_story();
    assert_snapshot!(scene.tell(MIRA, Command::PromotePlayer(JONAS)));
}

#[test]
fn once_the_cards_are_open_totals_are_not_repeated() {
    let mut scene = Scene::with_a_story();
    scene.tell(MIRA, submit("5"));
    scene.tell(MIRA, reveal());
    let told = scene.tell(JONAS, watch_only());
    assert!(!told.contains("vote:submitted"), "{told}");
}

#[test]
fn what_does_not_change_the_totals_does_not_repeat_them() {
    let mut scene = Scene::with_a_story();
    scene.tell(MIRA, submit("5"));
    let watcher = Newcomer {
        id: PlayerId::new(Uuid::from_u128(0xc)),
        spectator: true,
        ..newcomer(JONAS, "Watcher")
    };
    let told = scene.tell(JONAS, enter(watcher));
    assert!(!told.contains("vote:submitted"), "{told}");
}
