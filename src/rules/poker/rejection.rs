//! Why the rules of poker refuse a command.

use thiserror::Error;

/// A refusal; the wire gives it the contract's text, status and code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Rejection {
    /// There is no such session, or it was deleted.
    #[error("the session does not exist")]
    SessionUnknown,
    /// The session's life is over.
    #[error("the session has expired")]
    SessionExpired,
    /// The roster or the memory for former players is full.
    #[error("the session is full")]
    SessionFull,
    /// Nobody in this session has that id.
    #[error("the player does not exist")]
    PlayerUnknown,
    /// The host removed this player.
    #[error("the player was removed")]
    PlayerRemoved,
    /// Somebody on the roster has exactly this name.
    #[error("the name is taken")]
    NameTaken,
    /// The session admits voters only.
    #[error("spectators are not allowed")]
    SpectatorsNotAllowed,
    /// Only the host may do this.
    #[error("only the host may do this")]
    HostOnly,
    /// The host cannot remove himself.
    #[error("the host cannot be removed")]
    CannotRemoveHost,
    /// No story has that id.
    #[error("the story does not exist")]
    StoryUnknown,
    /// The story named is not the active one.
    #[error("the story is not active")]
    StoryNotActive,
    /// There is no active story.
    #[error("no story is active")]
    NoActiveStory,
    /// Votes were cast on the story.
    #[error("the story has votes")]
    StoryHasVotes,
    /// The backlog is full.
    #[error("there are too many stories")]
    TooManyStories,
    /// The cards are open.
    #[error("the cards are already revealed")]
    AlreadyRevealed,
    /// There is nothing to reveal.
    #[error("nobody has voted")]
    NoVotes,
    /// Spectators have no cards.
    #[error("spectators cannot vote")]
    SpectatorsCannotVote,
    /// The value is longer than any card may be and not in the deck.
    #[error("the value is too long")]
    ValueTooLong,
    /// The card is in neither the deck nor the one that pages show.
    #[error("the card is not in the deck")]
    NotInDeck,
}
