//! A session as a table (RFC 4180) that spreadsheets open: a row per story, then one per vote of
//! every round. A cell that a spreadsheet would take for a formula is made a text.

use std::borrow::Cow;

use crate::rules::poker::stats::numeric;
use crate::rules::poker::{Poker, Story};
use crate::wire::poker::history::RoundObject;
use crate::wire::poker::objects::{Iso, OpenVote};

const COLUMNS: [&str; 12] = [
    "record",
    "storyId",
    "title",
    "description",
    "estimate",
    "completedAt",
    "round",
    "startedAt",
    "revealedAt",
    "player",
    "value",
    "confidence",
];

type Row<'a> = [Cow<'a, str>; COLUMNS.len()];

/// The stories of a session, and the votes of its rounds.
pub(super) fn csv(state: &Poker) -> String {
    let mut table = String::new();
    write_row(&mut table, &COLUMNS.map(Cow::Borrowed));
    for story in &state.stories {
        write_row(&mut table, &story_row(state, story));
    }
    for round in RoundObject::list(state) {
        for vote in &round.votes {
            write_row(&mut table, &vote_row(&round, vote));
        }
    }
    table
}

fn story_row<'a>(state: &Poker, story: &'a Story) -> Row<'a> {
    let completed = story.completed_at.filter(|_| !state.is_active(story.id));
    let mut row = Row::default();
    row[0] = "story".into();
    row[1] = story.id.to_string().into();
    row[2] = story.title.as_str().into();
    row[3] = story.description.as_deref().unwrap_or_default().into();
    row[4] = story.estimate.as_deref().unwrap_or_default().into();
    row[5] = completed.map_or(Cow::default(), moment);
    row
}

fn vote_row<'a>(round: &RoundObject<'a>, vote: &OpenVote<'a>) -> Row<'a> {
    let story = round.story_id.map(|id| id.to_string());
    let confidence = vote.confidence.map(|it| it.to_string());
    let mut row = Row::default();
    row[0] = "vote".into();
    row[1] = story.unwrap_or_default().into();
    row[2] = round.title.unwrap_or_default().into();
    row[6] = round.number.to_string().into();
    row[7] = round.started_at.to_string().into();
    row[8] = round.revealed_at.to_string().into();
    row[9] = vote.player_name.into();
    row[10] = vote.value.into();
    row[11] = confidence.unwrap_or_default().into();
    row
}

fn moment(at: crate::rules::Timestamp) -> Cow<'static, str> {
    Iso(at).to_string().into()
}

fn write_row(table: &mut String, row: &Row<'_>) {
    for (index, cell) in row.iter().enumerate() {
        if index > 0 {
            table.push(',');
        }
        table.push_str(&quoted(&disarmed(cell)));
    }
    table.push_str("\r\n");
}

/// A text that begins like a formula gets an apostrophe before it, unless it is a number.
fn disarmed(cell: &str) -> Cow<'_, str> {
    let is_armed = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if is_armed && numeric(cell).is_none() {
        return format!("'{cell}").into();
    }
    cell.into()
}

fn quoted(cell: &str) -> Cow<'_, str> {
    if cell.contains(['"', ',', '\r', '\n']) {
        return format!("\"{}\"", cell.replace('"', "\"\"")).into();
    }
    cell.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str) -> String {
        quoted(&disarmed(text)).into_owned()
    }

    #[test]
    fn cells_with_separators_and_quotes_are_quoted() {
        for (text, written) in [
            ("plain text", "plain text"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("one\ntwo", "\"one\ntwo\""),
            ("", ""),
        ] {
            assert_eq!(cell(text), written);
        }
    }

    #[test]
    fn no_cell_is_a_formula_and_numbers_stay_numbers() {
        for (text, written) in [
            ("=1+1", "'=1+1"),
            ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
            ("@SUM(1)", "'@SUM(1)"),
            ("-2+3", "'-2+3"),
            ("\t=1", "'\t=1"),
            ("=A1,B1", "\"'=A1,B1\""),
            ("-", "'-"),
            ("-5", "-5"),
            ("+0.5", "+0.5"),
            ("1=1", "1=1"),
        ] {
            assert_eq!(cell(text), written);
        }
    }
}
