//! Frames for one screen that connects or comes back.

use super::*;

/// A session in which everything optional is there.
fn full() -> Scene {
    let mut scene = Scene::with_a_story();
    scene.tell(MIRA, estimate("5"));
    scene.tell(MIRA, Command::CreateStory(story(TWO)));
    scene.tell(MIRA, start_timer());
    scene.tell(JONAS, submit("8"));
    scene
}

#[test]
fn joining_with_everything() {
    let scene = full();
    let frame = Screen::of(SESSION, &scene.look()).joined(Some(JONAS), Some("a.b.c"));
    assert_snapshot!(written(vec![frame]));
}

#[test]
fn joining_an_empty_session() {
    let scene = Scene::opened();
    let frame = Screen::of(SESSION, &scene.look()).joined(Some(MIRA), None);
    assert_snapshot!(written(vec![frame]));
}

#[test]
fn an_anonymous_watcher_is_nobody() {
    let scene = Scene::opened();
    let frame = Screen::of(SESSION, &scene.look()).joined(None, None);
    assert!(frame.body().contains(r#""player":null"#));
    assert_snapshot!(written(vec![frame]));
}

#[test]
fn reconnecting() {
    let scene = full();
    let frame = Screen::of(SESSION, &scene.look())
        .reconnected(JONAS)
        .expect("a player");
    assert!(!frame.body().contains("null"));
    assert_snapshot!(written(vec![frame]));
}

#[test]
fn a_timer_that_has_run_out_is_shown_standing() {
    let mut scene = full();
    scene.now = scene.now.after(Duration::from_secs(500));
    let frame = Screen::of(SESSION, &scene.look()).joined(None, None);
    let timer = r#""timer":{"isRunning":false,"duration":120,"remainingTime":0,"mode":"countdown""#;
    assert!(frame.body().contains(timer), "{}", frame.body());
}

#[test]
fn nothing_is_missed_where_no_story_is_active() {
    assert_eq!(Scene::opened().missed(Some(View::default())), "");
}

#[test]
fn a_first_screen_gets_the_running_votes() {
    let mut scene = Scene::with_a_story();
    scene.tell(JONAS, submit("8"));
    scene.tell(MIRA, submit("5"));
    scene.tell(JONAS, submit("3"));
    assert_snapshot!(scene.missed(None));
    let same = Some(scene.state.view());
    assert_eq!(scene.missed(same), scene.missed(None));
}

#[test]
fn a_screen_that_missed_another_story_is_told_of_it() {
    let mut scene = Scene::with_a_story();
    let prior = Some(scene.state.view());
    scene.tell(MIRA, Command::CreateStory(story(TWO)));
    scene.tell(MIRA, submit("5"));
    assert_snapshot!(scene.missed(prior));
}

#[test]
fn a_screen_that_missed_a_reset_is_told_of_it() {
    let mut scene = Scene::with_a_story();
    scene.tell(MIRA, submit("5"));
    let closed = Some(scene.state.view());
    scene.tell(MIRA, reveal());
    let open = Some(scene.state.view());
    scene.tell(MIRA, Command::ResetRound(StoryRef::Active));
    assert_snapshot!(scene.missed(closed));
    assert_eq!(scene.missed(open), scene.missed(closed));
}

#[test]
fn whoever_comes_to_open_cards_sees_them_and_nothing_else() {
    let mut scene = Scene::with_a_story();
    scene.tell(MIRA, vote("8", Some(3), Wording::Submit));
    let prior = Some(scene.state.view());
    let revealed = scene.tell(MIRA, reveal());
    let cards = revealed.lines().last().expect("cards");
    for prior in [None, prior, Some(View::default())] {
        assert_eq!(scene.missed(prior), cards);
    }
}
