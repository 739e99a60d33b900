//! What Socket.IO clients name in their events (6): ids in the words of REST, a version as a number.

use serde_json::Value;

use super::{Issue, NOT_NEGATIVE, Range, Reader, object};

const VERSION: Range = Range {
    name: "Expected version",
    min: NOT_NEGATIVE,
    max: None,
};

/// A switch, as a client asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SwitchRequest {
    /// The clock.
    pub id: String,
    /// Who shall be next, if anybody is named.
    pub next: Option<String>,
    /// The version that the client has seen, if it matters to him.
    pub version: Option<u64>,
}

/// Reads `{sessionId}`.
///
/// # Errors
/// All problems.
pub fn session(payload: &Value) -> Result<String, Vec<Issue>> {
    let mut issues = Vec::new();
    let id = object(payload, "", &mut issues)
        .and_then(|fields| read_id(&mut Reader::new(fields, "", &mut issues)));
    id.ok_or(issues)
}

/// Reads `{sessionId, nextParticipantId?, expectedVersion?}`.
///
/// # Errors
/// All problems.
pub fn switch(payload: &Value) -> Result<SwitchRequest, Vec<Issue>> {
    let mut issues = Vec::new();
    let request = object(payload, "", &mut issues).and_then(|fields| {
        let mut reader = Reader::new(fields, "", &mut issues);
        let id = read_id(&mut reader);
        let next = reader.optional("nextParticipantId", |it, key| {
            it.uuid(key, "Next participant ID must be a valid UUID")
        });
        let version = reader.optional("expectedVersion", |it, key| it.number(key, &VERSION));
        Some(SwitchRequest {
            id: id?,
            next,
            version,
        })
    });
    match request {
        Some(request) if issues.is_empty() => Ok(request),
        _ => Err(issues),
    }
}

fn read_id(reader: &mut Reader<'_>) -> Option<String> {
    reader.uuid("sessionId", "Session ID must be a valid UUID")
}
