//! The fields of the timer.

use super::*;
use crate::rules::poker::timer::TimerMode;

#[test]
fn a_timer_with_settings_and_no_start_is_only_configured() {
    let settings = json!({"autoReveal": true, "warningAt": [60, 30, 10]});
    let payload = json!({"duration": 299.6, "mode": "countdown", "settings": settings});
    match timer_start(&payload).expect("valid") {
        Command::ConfigureTimer {
            duration,
            mode,
            settings,
        } => {
            assert_eq!((duration, mode), (300, Some(TimerMode::Countdown)));
            assert_eq!(settings.warning_at, Some(vec![60, 30, 10]));
        }
        other => panic!("{other:?}"),
    }
    let started = with(payload, "startedAt", json!(1_790_000_000_000_u64));
    let started = timer_start(&started).expect("valid");
    assert!(matches!(
        started,
        Command::StartTimer {
            duration: 300,
            settings: Some(_),
            ..
        }
    ));
    let bare = timer_start(&json!({"duration": 60})).expect("valid");
    assert!(matches!(
        bare,
        Command::StartTimer {
            duration: 60,
            mode: None,
            settings: None
        }
    ));
}

#[test]
fn each_field_of_a_timer_has_its_bounds() {
    for payload in [
        json!({}),
        json!({"duration": -1}),
        json!({"duration": 86_401}),
        json!({"duration": "60"}),
        json!({"duration": 60, "mode": "sundial"}),
        json!({"duration": 60, "settings": null}),
        json!({"duration": 60, "settings": {"warningAt": ["x"]}}),
        json!({"duration": 60, "settings": {"warningAt": vec![1; 21]}}),
    ] {
        assert_eq!(issues(timer_start(&payload)).len(), 1, "{payload}");
    }
}
