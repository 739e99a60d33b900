//! Members who stop reading, as text.

use super::load::times;
use super::{MEBIBYTE, machine};
use crate::storm::meeting::Meeting;
use crate::storm::slow::{Memory, Slowed};

/// Width of the names.
const NAME_WIDTH: usize = 16;

/// The whole result.
pub(crate) fn print(slowed: &Slowed) -> String {
    let Slowed {
        shape,
        slow,
        rate,
        fates,
        ..
    } = slowed;
    let mut lines = vec![
        format!("machine   {}", machine(&slowed.machine)),
        format!(
            "\n{shape}, {rate} steps a second; then {slow} of each room do not read. What the others see, open loop:"
        ),
        line("everybody reads", &meeting(&slowed.calm)),
        line("some do not", &meeting(&slowed.pressed)),
    ];
    lines.extend(slowed.memory.map(|it| line("memory", &memory(it))));
    lines.push(line(
        "the slow ones",
        &format!(
            "{} cut and back, {} shown the state anew, {} shown everything; {} of them wrong in the end; the slowest took {:.0} ms",
            fates.cut, fates.resynchronised, fates.caught_up, fates.wrong, fates.worst_ms
        ),
    ));
    lines.join("\n")
}

fn meeting(meeting: &Meeting) -> String {
    format!(
        "{}, {} lost, {} never taken, {:.1} s cpu of others, standstill {:.0} ms",
        times(meeting.delivered),
        meeting.tally.flaws(),
        meeting.undone,
        meeting.spent.others_seconds,
        meeting.standstill_ms
    )
}

fn memory(memory: Memory) -> String {
    let mebibytes = |bytes: u64| bytes as f64 / MEBIBYTE;
    format!(
        "{:.1} MiB before, {:.1} MiB at most, {:.1} MiB after",
        mebibytes(memory.before_bytes),
        mebibytes(memory.most_bytes),
        mebibytes(memory.after_bytes)
    )
}

fn line(name: &str, text: &str) -> String {
    format!("{name:<NAME_WIDTH$}{text}")
}
