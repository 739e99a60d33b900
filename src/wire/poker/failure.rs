//! What goes wrong, with the contract's stable codes and REST texts.

use crate::room::SubmitError;
use crate::rules::poker::Rejection;

/// A refusal as clients see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The REST status.
    pub status: u16,
    /// The REST text.
    pub text: &'static str,
    /// The code of socket errors and acknowledgements.
    pub code: &'static str,
}

const fn failure(status: u16, text: &'static str, code: &'static str) -> Failure {
    Failure { status, text, code }
}

impl From<&Rejection> for Failure {
    fn from(rejection: &Rejection) -> Self {
        match rejection {
            Rejection::SessionUnknown => failure(404, "Session not found", "NOT_FOUND"),
            Rejection::SessionExpired => failure(410, "Session has expired", "SESSION_EXPIRED"),
            Rejection::SessionFull => failure(403, "Session is full", "SESSION_FULL"),
            Rejection::PlayerUnknown => failure(404, "Player not found", "NOT_FOUND"),
            Rejection::PlayerRemoved => {
                failure(401, "Player no longer exists in session", "PLAYER_REMOVED")
            }
            Rejection::NameTaken => failure(409, "Player name already taken", "NAME_TAKEN"),
            Rejection::SpectatorsNotAllowed => failure(
                403,
                "Spectators are not allowed in this session",
                "FORBIDDEN",
            ),
            Rejection::HostOnly => failure(403, "Host authorization required", "FORBIDDEN"),
            Rejection::CannotRemoveHost => {
                failure(403, "Only session host can remove players", "FORBIDDEN")
            }
            Rejection::StoryUnknown => failure(404, "Story not found", "STORY_NOT_FOUND"),
            Rejection::StoryNotActive => {
                failure(400, "Invalid or completed story", "STORY_NOT_ACTIVE")
            }
            Rejection::NoActiveStory => failure(400, "No active story found", "STORY_NOT_ACTIVE"),
            Rejection::StoryHasVotes => {
                failure(400, "Cannot delete story that has votes", "STORY_HAS_VOTES")
            }
            Rejection::TooManyStories => {
                failure(400, "Too many stories in this session", "TOO_MANY_STORIES")
            }
            Rejection::AlreadyRevealed => failure(
                400,
                "Voting closed - cards already revealed",
                "ALREADY_REVEALED",
            ),
            Rejection::NoVotes => failure(400, "No votes to reveal", "NO_VOTES"),
            Rejection::SpectatorsCannotVote => failure(403, "Spectators cannot vote", "SPECTATOR"),
            Rejection::ValueTooLong => failure(
                400,
                "Vote value must be 10 characters or less",
                "INVALID_PAYLOAD",
            ),
            Rejection::NotInDeck => failure(400, "Card is not in the deck", "INVALID_PAYLOAD"),
        }
    }
}

impl From<&SubmitError<Rejection>> for Failure {
    fn from(error: &SubmitError<Rejection>) -> Self {
        match error {
            SubmitError::Rejected(rejection) => Self::from(rejection),
            SubmitError::UnknownSession => Self::from(&Rejection::SessionUnknown),
            SubmitError::Busy | SubmitError::Contended => failure(503, "Server is busy", "BUSY"),
            SubmitError::Store(_) => failure(500, "Internal server error", "INTERNAL"),
        }
    }
}
