//! Checks what clients send and turns it into what the rules take.
//!
//! REST and sockets check the same; where they differ, a [`Channel`] says so. Every reader looks at
//! the whole payload and reports each field that is wrong, with the contract's texts and codes.
//! Unknown fields are ignored, `null` is a wrong type.

mod backlog;
mod fields;
mod people;
mod rules;
mod table;
#[cfg(test)]
mod tests;

use serde::Serialize;

pub use backlog::{
    final_estimate, new_story, next_story, place, story_change, story_creation, story_list,
};
pub use people::{JoinRequest, SessionRequest, join, new_session, player_change, settings_patch};
pub use table::{Ballot, named_story, story_ref, timer_start, vote, voter};

/// The way a payload came; each has its own habits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Avatars are emoji; spectators say `asSpectator`; an estimate completes its story.
    Rest,
    /// Avatars may also be names; spectators say `isSpectator`; stories may come with their place.
    Socket,
}

/// What kind of rule a field breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// Missing, or of another type.
    InvalidType,
    /// Too short, too small or too few.
    TooSmall,
    /// Too long, too big or too many.
    TooBig,
    /// Not of the pattern.
    InvalidString,
    /// Not one of the words allowed.
    InvalidEnumValue,
    /// A rule about several fields.
    Custom,
}

/// One thing wrong with a payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Issue {
    /// The field with dots and array indices; empty for the payload as a whole.
    pub field: String,
    /// The contract's text.
    pub message: String,
    /// The kind of rule.
    pub code: Code,
}

/// Everything wrong with a payload; at least one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Issues(Vec<Issue>);

impl Issues {
    /// One issue.
    #[must_use]
    pub fn one(field: &str, message: &str, code: Code) -> Self {
        let (field, message) = (field.to_owned(), message.to_owned());
        Self(vec![Issue {
            field,
            message,
            code,
        }])
    }

    /// The same issues with their fields inside of `part`, as in `body.hostName`.
    #[must_use]
    pub fn within(mut self, part: &str) -> Self {
        for issue in &mut self.0 {
            issue.field = match issue.field.as_str() {
                "" => part.to_owned(),
                field => format!("{part}.{field}"),
            };
        }
        self
    }

    /// These issues, then those of `others`.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// The text of the first one, for channels with room for one.
    #[must_use]
    pub fn first_message(&self) -> &str {
        self.0.first().map_or("", |issue| &issue.message)
    }
}
