//! The bounds of the contract and the words with which it refuses what is outside of them.

use super::fields::{Kind, ListRule, NumberRule, TextRule, Trim};

pub(super) const SESSION_NAME: TextRule = TextRule {
    trim: Trim::Ends,
    min: (1, "Session name is required"),
    max: (100, "Session name must be 100 characters or less"),
};
pub(super) const HOST_NAME: TextRule = TextRule {
    trim: Trim::Ends,
    min: (1, "Host name is required"),
    max: (50, "Host name must be 50 characters or less"),
};
pub(super) const PLAYER_NAME: TextRule = TextRule {
    trim: Trim::Ends,
    min: (1, "Player name is required"),
    max: (50, "Player name must be 50 characters or less"),
};
pub(super) const NEW_PASSWORD: TextRule = TextRule {
    trim: Trim::Nothing,
    min: (4, "Password must be at least 4 characters"),
    max: (50, "Password must be 50 characters or less"),
};
pub(super) const PASSWORD: TextRule = TextRule {
    max: (usize::MAX, ""),
    ..NEW_PASSWORD
};
pub(super) const NEW_TITLE: TextRule = TextRule {
    trim: Trim::Nothing,
    min: (1, "Title is required"),
    max: (255, "Title must be less than 255 characters"),
};
pub(super) const TITLE: TextRule = TextRule {
    min: (1, "Title cannot be empty"),
    ..NEW_TITLE
};
pub(super) const DESCRIPTION: TextRule = TextRule {
    trim: Trim::Nothing,
    min: (0, ""),
    max: (1000, "Description must be less than 1000 characters"),
};
pub(super) const NEXT_TITLE: TextRule = TextRule {
    trim: Trim::Nothing,
    min: (1, "Story title is required"),
    max: (200, "Story title must be 200 characters or less"),
};
pub(super) const NEXT_DESCRIPTION: TextRule = TextRule {
    max: (1000, "Story description must be 1000 characters or less"),
    ..DESCRIPTION
};
pub(super) const STORIES: ListRule = ListRule {
    min: (1, "At least 1 story required"),
    max: (200, "Maximum 200 stories allowed"),
};
pub(super) const ESTIMATE: TextRule = TextRule {
    trim: Trim::Nothing,
    min: (0, ""),
    max: (10, "Final estimate must be less than 10 characters"),
};
pub(super) const FINAL_ESTIMATE: TextRule = TextRule {
    min: (1, "Final estimate is required"),
    ..ESTIMATE
};
/// The upper bound is the rules' business, because a card of the deck may be longer.
pub(super) const VOTE_VALUE: TextRule = TextRule {
    trim: Trim::Nothing,
    min: (1, "Vote value is required"),
    max: (usize::MAX, ""),
};
pub(super) const CONFIDENCE: NumberRule = NumberRule {
    kind: Kind::Integer,
    min: (1.0, "Confidence must be between 1-5"),
    max: (5.0, "Confidence must be between 1-5"),
};
pub(super) const TIMER_SECONDS: NumberRule = NumberRule {
    kind: Kind::Any,
    min: (0.0, "Timer cannot be negative"),
    max: (3600.0, "Timer cannot exceed 1 hour"),
};
pub(super) const DURATION: NumberRule = NumberRule {
    kind: Kind::Any,
    min: (0.0, "Number must be greater than or equal to 0"),
    max: (86_400.0, "Number must be less than or equal to 86400"),
};
pub(super) const ORDER_INDEX: NumberRule = NumberRule {
    kind: Kind::Integer,
    min: (0.0, "Number must be greater than or equal to 0"),
    max: (
        2_147_483_647.0,
        "Number must be less than or equal to 2147483647",
    ),
};
pub(super) const PLAYER_ID: TextRule = TextRule {
    min: (1, "Player ID is required"),
    ..VOTE_VALUE
};
