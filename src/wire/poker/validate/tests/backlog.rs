//! Stories that are planned ahead.

use super::*;
use crate::rules::poker::Command;

#[test]
fn a_story_waits_only_if_it_says_so() {
    let waits = |payload: Value| {
        let command = story_creation(&payload, STORY, Channel::Socket).expect("valid");
        matches!(command, Command::PlanStories(_))
    };
    assert!(waits(json!({"title": "t", "activate": false})));
    assert!(!waits(json!({"title": "t", "activate": true})));
    assert!(!waits(json!({"title": "t"})));
    let payload = json!({"title": "", "activate": 0});
    let told = [
        "title: Title is required (too_small)",
        "activate: Expected boolean, received number (invalid_type)",
    ];
    assert_eq!(issues(story_creation(&payload, STORY, Channel::Rest)), told);
    let told = ["Expected object, received array (invalid_type)"];
    let refused = issues(story_creation(&json!([]), STORY, Channel::Rest));
    assert_eq!(refused[0].trim_start_matches(": "), told[0]);
    assert_eq!(refused.len(), 1);
}

#[test]
fn a_list_of_stories_has_1_to_200_of_them_and_each_is_checked() {
    let list = |stories: Value| story_list(&json!({ "stories": stories }), || STORY);
    let story = json!({"title": "t"});
    assert_eq!(
        list(json!(vec![story.clone(); 200])).map(|it| it.len()),
        Ok(200)
    );
    let rows = [
        (
            json!(vec![story; 201]),
            "stories: Maximum 200 stories allowed (too_big)",
        ),
        (json!([]), "stories: At least 1 story required (too_small)"),
        (
            json!({}),
            "stories: Expected array, received object (invalid_type)",
        ),
        (
            json!([1]),
            "stories.0: Expected object, received number (invalid_type)",
        ),
        (
            json!([{"title": "t"}, {"title": ""}]),
            "stories.1.title: Title is required (too_small)",
        ),
        (json!([{}]), "stories.0.title: Required (invalid_type)"),
    ];
    for (stories, told) in rows {
        assert_eq!(issues(list(stories)), [told]);
    }
    let told = ["stories: Required (invalid_type)"];
    assert_eq!(issues(story_list(&json!({}), || STORY)), told);
}

#[test]
fn a_place_is_a_whole_number_from_0() {
    assert_eq!(place(&json!({"toIndex": 7})), Ok(7));
    for bad in [json!(-1), json!(1.5), json!("1"), json!(null)] {
        assert_eq!(issues(place(&json!({ "toIndex": bad }))).len(), 1);
    }
    let told = ["toIndex: Required (invalid_type)"];
    assert_eq!(issues(place(&json!({}))), told);
}
