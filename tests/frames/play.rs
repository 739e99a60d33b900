//! Frames about stories, rounds and the timer.

use super::*;

#[test]
fn adding_a_story() {
    let mut scene = Scene::opened();
    let first = scene.tell(MIRA, Command::CreateStory(story(ONE)));
    let bare = NewStory {
        description: None,
        ..story(TWO)
    };
    let second = scene.tell(MIRA, Command::CreateStory(bare));
    assert_snapshot!([first, second].join("\n"));
}

#[test]
fn planning_stories() {
    let mut scene = Scene::opened();
    let plan = Command::PlanStories(vec![story(ONE), story(TWO)]);
    assert_snapshot!(scene.tell(MIRA, plan));
}

#[test]
fn activating_a_story() {
    let mut scene = Scene::with_a_story();
    scene.tell(MIRA, Command::CreateStory(story(TWO)));
    assert_snapshot!(scene.tell(MIRA, Command::ActivateStory(ONE)));
}

#[test]
fn an_estimate_is_seen_as_completion_only_when_the_story_is_not_active() {
    let mut scene = Scene::with_a_story();
    let active = scene.tell(MIRA, estimate("5"));
    assert!(!active.contains("completedAt"), "{active}");
    let completion = Command::CompleteStory {
        story: ONE,
        estimate: "8".into(),
    };
    assert_snapshot!(scene.tell(MIRA, completion));
}

#[test]
fn deleting_the_active_story() {
    let mut scene = Scene::with_a_story();
    scene.tell(MIRA, Command::CreateStory(story(TWO)));
    assert_snapshot!(scene.tell(MIRA, Command::DeleteStory(TWO)));
}

#[test]
fn deleting_the_active_story_when_the_others_are_completed() {
    let mut scene = Scene::with_a_story();
    scene.tell(MIRA, estimate("5"));
    scene.tell(MIRA, Command::CreateStory(story(TWO)));
    assert_snapshot!(scene.tell(MIRA, Command::DeleteStory(TWO)));
}

#[test]
fn updating_the_active_story_where_there_is_none() {
    let mut scene = Scene::opened();
    let change = StoryChange {
        title: Some("Export as CSV".into()),
        ..StoryChange::default()
    };
    let story = StoryRef::Active;
    assert_snapshot!(scene.tell(MIRA, Command::UpdateStory { story, change }));
}

#[test]
fn going_on_to_the_next_story() {
    let mut scene = Scene::with_a_story();
    assert_snapshot!(scene.tell(MIRA, Command::NextStory(Some(story(TWO)))));
}

#[test]
fn voting_and_changing_the_vote() {
    let mut scene = Scene::with_a_story();
    let first = scene.tell(MIRA, submit("5"));
    let second = scene.tell(JONAS, vote("8", Some(3), Wording::Change));
    assert_snapshot!([first, second].join("\n"));
}

#[test]
fn revealing_without_agreement() {
    let mut scene = Scene::with_a_story();
    scene.tell(MIRA, vote("8", Some(3), Wording::Submit));
    scene.tell(JONAS, submit("3"));
    assert_snapshot!(scene.tell(MIRA, reveal()));
}

#[test]
fn revealing_with_agreement() {
    let mut scene = Scene::with_a_story();
    scene.tell(MIRA, submit("5"));
    scene.tell(JONAS, submit("5"));
    assert_snapshot!(scene.tell(MIRA, reveal()));
}

#[test]
fn revealing_cards_without_a_number() {
    let mut scene = Scene::with_a_story();
    scene.tell(MIRA, submit("☕"));
    scene.tell(JONAS, submit("?"));
    assert_snapshot!(scene.tell(MIRA, reveal()));
}

#[test]
fn revealing_numbers_too_large_to_average() {
    let mut scene = Scene::with_a_story();
    scene.tell(MIRA, submit("1e308"));
    scene.tell(JONAS, submit("1e308"));
    assert_snapshot!(scene.tell(MIRA, reveal()));
}

#[test]
fn resetting_with_and_without_an_active_story() {
    let mut scene = Scene::with_a_story();
    let with = scene.tell(MIRA, Command::ResetRound(StoryRef::Active));
    scene.tell(MIRA, Command::NextStory(None));
    let without = scene.tell(MIRA, Command::ResetRound(StoryRef::Active));
    assert_snapshot!([with, without].join("\n"));
}

#[test]
fn the_timer() {
    let mut scene = Scene::opened();
    let plain = Command::StartTimer {
        duration: 60,
        mode: None,
        settings: None,
    };
    let plain = scene.tell(MIRA, plain);
    let started = scene.tell(MIRA, start_timer());
    let stopped = scene.tell(MIRA, Command::StopTimer);
    let set_up = Command::ConfigureTimer {
        duration: 90,
        mode: Some(TimerMode::Stopwatch),
        settings: TimerSettings::default(),
    };
    let set_up = scene.tell(MIRA, set_up);
    assert_snapshot!([plain, started, stopped, set_up].join("\n"));
}

#[test]
fn settings_and_endings_have_no_frame_of_their_own() {
    let mut scene = Scene::opened();
    let patch = SettingsPatch {
        auto_reveal: Some(true),
        ..SettingsPatch::default()
    };
    assert_eq!(scene.tell(MIRA, Command::UpdateSettings(patch)), "");
    assert_eq!(scene.tell(MIRA, Command::DeleteSession), "");
}
