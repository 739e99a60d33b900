//! What somebody may want of a poker session, in the imperative.

use std::time::Duration;

use crate::rules::ids::{NodeId, PlayerId, SeatId, StoryId};

use super::player::{Key, Proof};
use super::settings::{PasscodeHash, Settings, SettingsPatch};
use super::timer::{TimerMode, TimerSettings};

/// An intent; who has it stands in the context.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Opens the session with its host as the only player.
    CreateSession(Box<NewSession>),
    /// Lets a new player in, or a former one back under the same id.
    Enter(Box<Entrance>),
    /// A connection of a known player begins.
    TakeSeat {
        /// Whose connection it is.
        player: PlayerId,
        /// The node that serves it.
        node: NodeId,
        /// The connection.
        seat: SeatId,
    },
    /// A connection of a player has ended.
    LeaveSeat {
        /// Whose connection it was.
        player: PlayerId,
        /// The connection.
        seat: SeatId,
        /// Why it ended.
        how: Departure,
    },
    /// Nodes died; nobody sits there any more.
    LoseNodes(Vec<NodeId>),
    /// A player made an authenticated call from an address.
    Touch {
        /// Who called.
        player: PlayerId,
        /// The address he has proven to be his.
        proof: Option<Proof>,
    },
    /// A player shows signs of life.
    NoteActivity {
        /// Who does.
        player: PlayerId,
        /// Whether the others are to be told.
        audience: Audience,
    },
    /// Changes a player's own data.
    UpdatePlayer {
        /// Whose.
        player: PlayerId,
        /// What changes.
        change: PlayerChange,
    },
    /// Removes a player for good.
    RemovePlayer(PlayerId),
    /// Makes another player the host.
    PromotePlayer(PlayerId),
    /// Adds a story and makes it the active one.
    CreateStory(NewStory),
    /// Adds stories behind the others; the first becomes the active one if no other is.
    PlanStories(Vec<NewStory>),
    /// Changes a story.
    UpdateStory {
        /// Which; the active one if unnamed.
        story: StoryRef,
        /// What changes.
        change: StoryChange,
    },
    /// Deletes a story nobody has voted on.
    DeleteStory(StoryId),
    /// Puts a story at another place in the list.
    MoveStory {
        /// Which.
        story: StoryId,
        /// How many stories are before it then; as many as there are, if that is more.
        to: usize,
    },
    /// Makes a story the active one.
    ActivateStory(StoryId),
    /// Ends a story with an estimate.
    CompleteStory {
        /// Which.
        story: StoryId,
        /// The agreed estimate.
        estimate: String,
    },
    /// Completes the active story and goes on to a new one, if there is one.
    NextStory(Option<NewStory>),
    /// Puts a card on the active story, or another one in its place.
    SubmitVote {
        /// The story the voter believes to be active.
        story: StoryRef,
        /// The card.
        value: String,
        /// How sure the voter is, 1 to 5.
        confidence: Option<u8>,
        /// The word the voter used.
        wording: Wording,
    },
    /// Puts a card of the deck, or of the one that pages show, on the active story.
    PlayCard(String),
    /// Opens the cards.
    RevealCards(StoryRef),
    /// Opens the cards, and has pages count down to it.
    CountDown,
    /// Starts a round by saying, or not saying, what it is about.
    StartRound {
        /// The title of a story, known or new.
        topic: Option<String>,
        /// The id of the story if it is new.
        story: StoryId,
    },
    /// Clears the votes and starts a new round on the active story.
    ResetRound(StoryRef),
    /// Starts the timer.
    StartTimer {
        /// Seconds.
        duration: u32,
        /// How clients show it; as before if unset.
        mode: Option<TimerMode>,
        /// What clients do with it; as before if unset.
        settings: Option<TimerSettings>,
    },
    /// Sets the timer up without starting it.
    ConfigureTimer {
        /// Seconds.
        duration: u32,
        /// How clients show it.
        mode: Option<TimerMode>,
        /// What clients do with it.
        settings: TimerSettings,
    },
    /// Stops the timer.
    StopTimer,
    /// Changes name, deck or options.
    UpdateSettings(SettingsPatch),
    /// Changes as much of this as the rights of whoever proposes it reach; the rest is dropped.
    ProposeSettings {
        /// Name, deck view and options.
        patch: SettingsPatch,
        /// Who shall be host.
        host: Option<PlayerId>,
    },
    /// Ends the session for everybody.
    DeleteSession,
    /// Does whatever is due by now.
    Elapse,
}

/// A session to be.
#[derive(Clone, Debug, PartialEq)]
pub struct NewSession {
    /// Its name.
    pub name: String,
    /// Its first player.
    pub host: Newcomer,
    /// Deck and options.
    pub settings: Settings,
    /// What a visitor must know to get in.
    pub passcode: Option<PasscodeHash>,
    /// How long it lives.
    pub life: Life,
}

/// How long a session lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// A fixed time from its creation, as the operator has set it.
    Fixed,
    /// So long after the last thing that happened, or the last connection.
    Idle(Duration),
}

/// A player to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Newcomer {
    /// The id he will have if he is new.
    pub id: PlayerId,
    /// 1 to 50 UTF-16 units, trimmed.
    pub name: String,
    /// An emoji or an avatar's name.
    pub avatar: String,
    /// Whether he only watches.
    pub spectator: bool,
    /// The address he comes from.
    pub proof: Option<Proof>,
    /// By what he is known again, if he chose that himself.
    pub key: Option<Key>,
}

/// Somebody at the door.
#[derive(Clone, Debug, PartialEq)]
pub struct Entrance {
    /// Who he is if he is new.
    pub newcomer: Newcomer,
    /// How he comes.
    pub by: Door,
}

/// The ways in; each has its own rule for names.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Door {
    /// Over REST, where names may repeat; `former` is the player his token names.
    Rest {
        /// The player of this session he has proven to be.
        former: Option<PlayerId>,
    },
    /// By name over a socket, where a name on the roster is taken.
    Socket {
        /// The node that serves the socket.
        node: NodeId,
        /// The socket.
        seat: SeatId,
    },
    /// By key: whoever has the key of a player is that player, and has the name he gives now.
    Key {
        /// The node that serves the connection.
        node: NodeId,
        /// The connection.
        seat: SeatId,
        /// Players on the roster from which on nobody new is let in.
        max_players: usize,
    },
}

/// Why a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departure {
    /// The player said so; he leaves at once if it was his last one.
    OnPurpose,
    /// The player said so and takes his open card with him, if it was his last one.
    WithCard,
    /// The line broke; he may come back within the grace.
    Lost,
}

/// Whether others hear of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// The room is told.
    Room,
    /// Nobody is told.
    Nobody,
}

/// Changes to a player's own data; `None` keeps what is there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlayerChange {
    /// New name.
    pub name: Option<String>,
    /// New avatar.
    pub avatar: Option<String>,
    /// Whether he only watches from now on.
    pub spectator: Option<bool>,
}

/// A story to be.
#[derive(Clone, Debug, PartialEq)]
pub struct NewStory {
    /// The id it will have.
    pub id: StoryId,
    /// 1 to 255 UTF-16 units.
    pub title: String,
    /// Up to 1000 UTF-16 units.
    pub description: Option<String>,
    /// Its place; behind all others if unset.
    pub order: Option<u64>,
}

/// Changes to a story; `None` keeps what is there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoryChange {
    /// New title.
    pub title: Option<String>,
    /// New description; empty removes it.
    pub description: Option<String>,
    /// New estimate; empty removes it.
    pub estimate: Option<String>,
    /// Makes it the active story, or ends its being so.
    pub active: Option<bool>,
    /// Whether setting an estimate completes the story (REST does, the socket does not).
    pub completes: bool,
}

/// How a request names the story it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoryRef {
    /// The active one: unnamed, or named by the alias.
    Active,
    /// This one.
    Id(StoryId),
    /// The one of the round with this number, as long as that lasts.
    Round(u64),
    /// A name that no story can have.
    Unknown,
}

/// The word a voter used; a change is confirmed by one more event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wording {
    /// `vote:submit`, or a vote over REST.
    Submit,
    /// `vote:change`.
    Change,
}
