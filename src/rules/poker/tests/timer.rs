//! The timer: the host's, computed from its start, and without effects of its own.

use super::*;
use crate::rules::poker::Timer;
use crate::rules::poker::timer::{TimerMode, TimerSettings};

fn start(duration: u32) -> Command {
    start_as(duration, None)
}

fn start_as(duration: u32, mode: Option<TimerMode>) -> Command {
    Command::StartTimer {
        duration,
        mode,
        settings: None,
    }
}

fn quiet() -> TimerSettings {
    TimerSettings {
        audio_enabled: Some(false),
        warning_at: Some(vec![60, 30, 10]),
        ..TimerSettings::default()
    }
}

fn configure(duration: u32) -> Command {
    Command::ConfigureTimer {
        duration,
        mode: Some(TimerMode::Stopwatch),
        settings: quiet(),
    }
}

fn timer(room: &Poker) -> &Timer {
    room.timer.as_ref().expect("the timer was touched")
}

/// What clients are shown at a moment: whether it runs, and the seconds left.
fn shown(room: &Poker, secs: u64) -> (bool, u32) {
    let now = moment(secs);
    (timer(room).is_running(now), timer(room).remaining_secs(now))
}

#[test]
fn only_the_host_controls_the_timer() {
    let room = given([joined(BEN)]);
    for command in [start(60), configure(60), Command::StopTimer] {
        assert_eq!(
            room.decide(&by(BEN), command.clone()),
            Err(Rejection::HostOnly)
        );
        assert_eq!(facts(&room, &by(ANN), command).len(), 1);
    }
}

#[test]
fn nobody_sees_a_timer_that_was_never_touched() {
    assert_eq!(given([added(ONE)]).timer, None);
}

#[test]
fn a_started_timer_counts_down_from_its_start() {
    let room = given([did(ANN, start(60)).at(10)]);
    assert_eq!(timer(&room).started_at, Some(moment(10)));
    assert_eq!(shown(&room, 10), (true, 60));
    assert_eq!(shown(&room, 33), (true, 37));
}

#[test]
fn a_begun_second_is_still_left() {
    let room = given([did(ANN, start(60))]);
    let now = START.after(Duration::from_millis(1));
    assert_eq!(timer(&room).remaining_secs(now), 60);
    let now = START.after(Duration::from_millis(59_999));
    assert_eq!(
        (
            timer(&room).remaining_secs(now),
            timer(&room).is_running(now)
        ),
        (1, true)
    );
}

#[test]
fn a_countdown_that_has_run_out_stands_at_zero() {
    for mode in [None, Some(TimerMode::Countdown), Some(TimerMode::None)] {
        let room = given([did(ANN, start_as(60, mode))]);
        assert_eq!(shown(&room, 60), (false, 0));
        assert_eq!(shown(&room, 5000), (false, 0));
    }
}

#[test]
fn a_stopwatch_never_runs_out() {
    let room = given([did(ANN, start_as(60, Some(TimerMode::Stopwatch)))]);
    assert_eq!(shown(&room, 5000), (true, 0));
}

#[test]
fn a_timer_asked_before_its_start_has_everything_left() {
    let room = given([did(ANN, start(60)).at(10)]);
    assert_eq!(shown(&room, 3), (true, 60));
}

#[test]
fn a_stopped_timer_is_all_zero() {
    let room = given([did(ANN, configure(90)), did(ANN, Command::StopTimer)]);
    assert_eq!(timer(&room), &Timer::default());
    assert_eq!(shown(&room, 1), (false, 0));
}

#[test]
fn setting_the_timer_up_does_not_start_it() {
    let room = given([did(ANN, configure(90))]);
    assert_eq!(shown(&room, 30), (false, 90));
    assert_eq!(timer(&room).mode, Some(TimerMode::Stopwatch));
    assert_eq!(timer(&room).settings, Some(quiet()));
}

#[test]
fn a_start_keeps_mode_and_settings_unless_it_names_others() {
    let room = given([did(ANN, configure(90)), did(ANN, start(30))]);
    assert_eq!(timer(&room).mode, Some(TimerMode::Stopwatch));
    assert_eq!(timer(&room).settings, Some(quiet()));
    let room = then(room, did(ANN, start_as(30, Some(TimerMode::Countdown))));
    assert_eq!(timer(&room).mode, Some(TimerMode::Countdown));
}

#[test]
fn a_timer_that_runs_out_does_nothing() {
    let quiet_room = given([seated(ANN)]);
    let room = given([seated(ANN), did(ANN, start(60))]);
    assert_eq!(room.deadline(&POLICY), quiet_room.deadline(&POLICY));
    assert_eq!(facts(&room, &by_system().at(61), Command::Elapse), []);
}
