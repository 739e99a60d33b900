//! What a clock may be made of (2.3): every problem is listed, in the contract's order and words.

pub mod events;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::rules::turns::Plan;
use crate::rules::turns::command::{Mode, PlannedParticipant};
use crate::wire::turns::objects::mode_name;

/// The largest integer that JavaScript counts exactly.
const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;
const MAX_PARTICIPANTS: usize = 1000;
const MODES: [Mode; 5] = [
    Mode::PerParticipant,
    Mode::PerCycle,
    Mode::PerGroup,
    Mode::Global,
    Mode::CountUp,
];
const BAD_MODE: &str = "Invalid sync mode. Must be one of: per_participant, per_cycle, per_group, \
                        global, count_up";

/// One problem of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Issue {
    field: String,
    message: String,
    code: &'static str,
}

/// The limits of a number, and how it is called.
struct Range {
    name: &'static str,
    min: (f64, &'static str),
    max: Option<(f64, &'static str)>,
}

impl Range {
    const fn up_to_a_day(name: &'static str) -> Self {
        Self {
            name,
            min: SECOND,
            max: Some(DAY),
        }
    }
}

const DAY: (f64, &str) = (86_400_000.0, "86400000ms (24 hours)");
const SECOND: (f64, &str) = (1000.0, "at least 1000ms (1 second)");
const NOT_NEGATIVE: (f64, &str) = (0.0, "non-negative");
const TOTAL: Range = Range::up_to_a_day("Total time");
const PER_TURN: Range = Range::up_to_a_day("Time per cycle");
const MAX_TIME: Range = Range::up_to_a_day("Max time");
const INCREMENT: Range = Range {
    name: "Increment",
    min: NOT_NEGATIVE,
    max: Some((60_000.0, "60000ms (1 minute)")),
};
const INDEX: Range = Range {
    name: "Participant index",
    min: NOT_NEGATIVE,
    max: None,
};

/// Reads the body of `POST /v1/sessions`.
///
/// # Errors
/// All problems.
pub fn plan(body: &Value) -> Result<Plan, Vec<Issue>> {
    let mut issues = Vec::new();
    let read = object(body, "", &mut issues).and_then(|fields| read_plan(fields, &mut issues));
    match read {
        Some(plan) if issues.is_empty() => Ok(plan),
        _ => Err(issues),
    }
}

/// The id that two participants share, if any do.
pub fn duplicate(plan: &Plan) -> Option<&str> {
    let mut seen = HashSet::new();
    let ids = plan.participants.iter().map(|it| it.id.as_str());
    ids.into_iter().find(|id| !seen.insert(*id))
}

/// Reads the body of `/switch`: who shall be next, if anybody is named.
///
/// # Errors
/// All problems.
pub fn next(body: &Value) -> Result<Option<String>, Vec<Issue>> {
    let mut issues = Vec::new();
    let next = object(body, "", &mut issues).and_then(|fields| {
        let mut reader = Reader::new(fields, "", &mut issues);
        reader.optional("next_participant_id", |reader, key| {
            reader.uuid(key, "Next participant ID must be a valid UUID")
        })
    });
    if issues.is_empty() {
        Ok(next)
    } else {
        Err(issues)
    }
}

/// Reads the id in a path.
///
/// # Errors
/// That it is none.
pub fn path_id(id: &Value) -> Result<String, Vec<Issue>> {
    let mut fields = Map::new();
    fields.insert("id".to_owned(), id.clone());
    let mut issues = Vec::new();
    let id = Reader::new(&fields, "", &mut issues).uuid("id", "Session ID must be a valid UUID");
    id.ok_or(issues)
}

fn read_plan(fields: &Map<String, Value>, issues: &mut Vec<Issue>) -> Option<Plan> {
    let mut reader = Reader::new(fields, "", issues);
    let id = reader.uuid("session_id", "Session ID must be a valid UUID");
    let mode = reader.mode("sync_mode");
    let participants = reader.participants("participants");
    let total = reader.number("total_time_ms", &TOTAL);
    let per_turn = reader.optional("time_per_cycle_ms", |it, key| it.number(key, &PER_TURN));
    let increment = reader.optional("increment_ms", |it, key| it.number(key, &INCREMENT));
    let max = reader.optional("max_time_ms", |it, key| it.number(key, &MAX_TIME));
    reader.record("metadata");
    Some(Plan {
        id: id?,
        mode: mode?,
        participants: participants?,
        total_millis: total?,
        per_turn_millis: per_turn,
        increment_millis: increment.unwrap_or(0),
        max_millis: max,
    })
}

fn read_participant(
    value: &Value,
    place: &str,
    issues: &mut Vec<Issue>,
) -> Option<PlannedParticipant> {
    let fields = object(value, place, issues)?;
    let mut reader = Reader::new(fields, place, issues);
    let id = reader.uuid("participant_id", "Participant ID must be a valid UUID");
    let index = reader.number("participant_index", &INDEX);
    let millis = reader.number("total_time_ms", &TOTAL);
    let group = reader.optional("group_id", |it, key| {
        it.uuid(key, "Group ID must be a valid UUID")
    });
    Some(PlannedParticipant {
        id: id?,
        index: index?,
        millis: millis?,
        group,
    })
}

fn object<'a>(
    value: &'a Value,
    field: &str,
    issues: &mut Vec<Issue>,
) -> Option<&'a Map<String, Value>> {
    let object = value.as_object();
    if object.is_none() {
        issues.push(Issue::expected("object", Some(value), field));
    }
    object
}

impl Issue {
    fn expected(kind: &str, value: Option<&Value>, field: &str) -> Self {
        let received = match value {
            None => "undefined",
            Some(Value::Null) => "null",
            Some(Value::String(_)) => "string",
            Some(Value::Number(_)) => "number",
            Some(Value::Bool(_)) => "boolean",
            Some(Value::Array(_)) => "array",
            Some(Value::Object(_)) => "object",
        };
        Self {
            field: field.to_owned(),
            message: format!("Invalid input: expected {kind}, received {received}"),
            code: "invalid_type",
        }
    }
}

/// Reads the fields of one object and notes what is wrong with them.
struct Reader<'a> {
    fields: &'a Map<String, Value>,
    place: &'a str,
    issues: &'a mut Vec<Issue>,
}

impl<'a> Reader<'a> {
    fn new(fields: &'a Map<String, Value>, place: &'a str, issues: &'a mut Vec<Issue>) -> Self {
        Self {
            fields,
            place,
            issues,
        }
    }

    fn path(&self, key: &str) -> String {
        if self.place.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.place)
        }
    }

    fn note(&mut self, key: &str, message: impl Into<String>, code: &'static str) {
        let (field, message) = (self.path(key), message.into());
        self.issues.push(Issue {
            field,
            message,
            code,
        });
    }

    fn expected(&mut self, kind: &str, key: &str) {
        let issue = Issue::expected(kind, self.fields.get(key), &self.path(key));
        self.issues.push(issue);
    }

    /// Reads a field that may be missing, but not `null`.
    fn optional<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&mut Self, &str) -> Option<T>,
    ) -> Option<T> {
        self.fields.contains_key(key).then(|| read(self, key))?
    }

    fn uuid(&mut self, key: &str, message: &str) -> Option<String> {
        match self.fields.get(key) {
            Some(Value::String(text)) if is_uuid(text) => Some(text.clone()),
            Some(Value::String(_)) => {
                self.note(key, message, "invalid_format");
                None
            }
            _ => {
                self.expected("string", key);
                None
            }
        }
    }

    fn mode(&mut self, key: &str) -> Option<Mode> {
        let named = self.fields.get(key).and_then(Value::as_str);
        let mode = MODES
            .into_iter()
            .find(|&mode| Some(mode_name(mode)) == named);
        if mode.is_none() {
            self.note(key, BAD_MODE, "invalid_value");
        }
        mode
    }

    fn number(&mut self, key: &str, range: &Range) -> Option<u64> {
        let Some(number) = self.fields.get(key).and_then(Value::as_f64) else {
            self.expected("number", key);
            return None;
        };
        let before = self.issues.len();
        let integer = format!("{} must be an integer", range.name);
        if number.fract() != 0.0 {
            self.note(key, integer, "invalid_type");
            return None;
        }
        if number.abs() > MAX_SAFE_INTEGER {
            let code = if number > 0.0 { "too_big" } else { "too_small" };
            self.note(key, integer, code);
        }
        if number < range.min.0 {
            let message = format!("{} must be {}", range.name, range.min.1);
            self.note(key, message, "too_small");
        }
        if let Some((max, limit)) = range.max
            && number > max
        {
            let message = format!("{} cannot exceed {limit}", range.name);
            self.note(key, message, "too_big");
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is an integer that is neither negative nor too large"
        )]
        (self.issues.len() == before).then_some(number as u64)
    }

    fn record(&mut self, key: &str) {
        if self.fields.get(key).is_some_and(|value| !value.is_object()) {
            self.expected("record", key);
        }
    }

    fn participants(&mut self, key: &str) -> Option<Vec<PlannedParticipant>> {
        let Some(array) = self.fields.get(key).and_then(Value::as_array) else {
            self.expected("array", key);
            return None;
        };
        let mut read = Vec::with_capacity(array.len().min(MAX_PARTICIPANTS));
        for (at, value) in array.iter().enumerate() {
            let place = format!("{}.{at}", self.path(key));
            read.extend(read_participant(value, &place, self.issues));
        }
        if array.is_empty() {
            self.note(key, "At least one participant is required", "too_small");
        } else if array.len() > MAX_PARTICIPANTS {
            self.note(key, "Cannot exceed 1000 participants", "too_big");
        }
        Some(read)
    }
}

/// Whether a text has the shape of an RFC 9562 UUID, or is the nil or the lower-case max one.
fn is_uuid(text: &str) -> bool {
    const NIL: &str = "00000000-0000-0000-0000-000000000000";
    const MAX: &str = "ffffffff-ffff-ffff-ffff-ffffffffffff";
    if text == NIL || text == MAX {
        return true;
    }
    let bytes = text.as_bytes();
    let shaped = |(at, byte): (usize, &u8)| match at {
        8 | 13 | 18 | 23 => *byte == b'-',
        14 => matches!(byte, b'1'..=b'8'),
        19 => matches!(byte, b'8' | b'9' | b'a' | b'b' | b'A' | b'B'),
        _ => byte.is_ascii_hexdigit(),
    };
    bytes.len() == NIL.len() && bytes.iter().enumerate().all(shaped)
}
