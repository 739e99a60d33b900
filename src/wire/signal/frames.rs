//! The messages of the server, encoded for one viewer or for everybody whom they do not name.

use axum::extract::ws::Utf8Bytes;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::json;

use super::ids::Names;
use super::objects::{PlayerObject, RightObject, SessionObject, Shot, Value, deck_name};
use crate::rules::Timestamp;
use crate::rules::ids::{PlayerId, SessionId};
use crate::rules::poker::{Poker, Right, SettingsPatch, ShownDeck};

/// One version of a session, and when it is shown.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// Which session.
    pub session: SessionId,
    /// Its state.
    pub state: &'a Poker,
    /// When.
    pub at: Timestamp,
}

/// One thing that pages are told.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the variants are the events of the contract")]
pub enum News<'a> {
    /// `V`, with what the active story is about.
    Started,
    /// `S`, `S*` or `S0`.
    Session(Shot),
    /// `R`
    Revealed,
    /// `C`
    CountingDown,
    Joined(PlayerId),
    Left(PlayerId),
    Disconnected(PlayerId),
    /// Somebody has voted; nobody is told what.
    Voted(PlayerId),
    /// What the connection that voted is told.
    VotedFor(PlayerId, &'a str),
    Settings(Changes),
    Emoji {
        from: PlayerId,
        to: PlayerId,
        emoji: &'a str,
    },
}

/// Changed settings, as far as pages know them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// Name and options.
    pub patch: SettingsPatch,
    /// Another deck on the pages.
    pub deck: Option<ShownDeck>,
    /// Another host.
    pub host: Option<PlayerId>,
}

/// The answer to a `heartbeat`, and the greeting.
#[must_use]
pub fn heartbeat_ack(at: Timestamp) -> Utf8Bytes {
    encode(&json!({ "type": "heartbeat_ack", "timestamp": at }))
}

/// What switches a page off: only for frames that cannot be read.
#[must_use]
pub fn error(message: &str, at: Timestamp) -> Utf8Bytes {
    encode(&json!({ "type": "error", "message": message, "timestamp": at }))
}

/// What makes a page forget its session.
#[must_use]
pub fn session_not_found(message: &str, at: Timestamp) -> Utf8Bytes {
    encode(&json!({ "type": "session_not_found", "message": message, "timestamp": at }))
}

/// The answer to a `join`.
#[must_use]
pub fn joined(scene: Scene<'_>, names: Names<'_>) -> Utf8Bytes {
    #[derive(Serialize)]
    struct Joined<'a> {
        r#type: &'static str,
        session: SessionObject<'a>,
        timestamp: Timestamp,
    }
    encode(&Joined {
        r#type: "joined",
        session: scene.snapshot(names, Shot::Present),
        timestamp: scene.at,
    })
}

/// The answer to `POST /sessions`.
#[must_use]
pub fn created(scene: Scene<'_>, names: Names<'_>) -> Utf8Bytes {
    encode(&scene.snapshot(names, Shot::Present).created())
}

impl<'a> Scene<'a> {
    fn snapshot(self, names: Names<'a>, shot: Shot) -> SessionObject<'a> {
        SessionObject::new(self.session, self.state, names, shot)
    }
}

impl News<'_> {
    /// The event's name on the wire.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Started => "VOTING_STARTED",
            Self::Session(_) => "SESSION_UPDATED",
            Self::Revealed => "VOTES_REVEALED",
            Self::CountingDown => "COUNTDOWN_STARTED",
            Self::Joined(_) => "PLAYER_JOINED",
            Self::Left(_) => "PLAYER_LEFT",
            Self::Disconnected(_) => "PLAYER_DISCONNECTED",
            Self::Voted(_) | Self::VotedFor(..) => "VOTE_SUBMITTED",
            Self::Settings(_) => "SETTINGS_UPDATED",
            Self::Emoji { .. } => "EMOJI_SENT",
        }
    }

    /// Whether this player is told it in words of his own: it names him, or is about himself.
    #[must_use]
    pub fn is_personal_for(&self, viewer: PlayerId) -> bool {
        match self {
            Self::Started | Self::Revealed | Self::CountingDown => false,
            Self::Session(_) => true,
            Self::Joined(player)
            | Self::Left(player)
            | Self::Disconnected(player)
            | Self::Voted(player)
            | Self::VotedFor(player, _) => *player == viewer,
            Self::Settings(changes) => changes.name(viewer),
            Self::Emoji { from, to, .. } => [*from, *to].contains(&viewer),
        }
    }

    /// The frame for somebody who knows these names.
    #[must_use]
    pub fn encode(&self, scene: Scene<'_>, names: Names<'_>) -> Utf8Bytes {
        let Scene { state, at, .. } = scene;
        let by_id = |player: &PlayerId| json!({ "playerId": names.id(*player) });
        let payload = match self {
            Self::Session(shot) => {
                let session = scene.snapshot(names, *shot);
                return self.wrap(&Session { session }, at);
            }
            Self::Settings(changes) => return self.wrap(&Described { changes, names }, at),
            Self::Started => match state.active_story().and_then(|story| story.topic()) {
                Some(topic) => json!({ "issueName": topic }),
                None => json!({}),
            },
            Self::Revealed | Self::CountingDown => json!({}),
            Self::Joined(player) => {
                let player = state.player(*player);
                let player = player.map(|player| PlayerObject::entering(state, player, names));
                json!({ "player": player })
            }
            Self::Left(player) | Self::Disconnected(player) | Self::Voted(player) => by_id(player),
            Self::VotedFor(player, value) => {
                json!({ "playerId": names.id(*player), "vote": Value(value) })
            }
            Self::Emoji { from, to, emoji } => {
                let (from, to) = (names.id(*from), names.id(*to));
                json!({ "fromPlayerId": from, "toPlayerId": to, "emoji": emoji })
            }
        };
        self.wrap(&payload, at)
    }

    fn wrap(&self, payload: &impl Serialize, at: Timestamp) -> Utf8Bytes {
        let event = Event {
            r#type: self.name(),
            payload,
        };
        encode(&Message {
            r#type: "sync_event",
            event,
            timestamp: at,
        })
    }
}

#[derive(Serialize)]
struct Message<T> {
    r#type: &'static str,
    event: T,
    timestamp: Timestamp,
}

#[derive(Serialize)]
struct Event<'a, T> {
    r#type: &'static str,
    payload: &'a T,
}

#[derive(Serialize)]
struct Session<'a> {
    session: SessionObject<'a>,
}

impl Changes {
    /// Whether pages have nothing to learn from it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let SettingsPatch { name, .. } = &self.patch;
        let rest = self.deck.is_none() && self.host.is_none();
        rest && name.is_none() && self.toggles().is_empty() && self.rights().is_empty()
    }

    fn name(&self, player: PlayerId) -> bool {
        let listed = |(_, right): &(_, &Right)| match right {
            Right::Players(players) => players.contains(&player),
            Right::Host | Right::Everyone => false,
        };
        self.host == Some(player) || self.rights().iter().any(listed)
    }

    fn toggles(&self) -> Vec<(&'static str, bool)> {
        let patch = &self.patch;
        let toggles = [
            ("autoReveal", patch.auto_reveal),
            ("showAverage", patch.show_average),
            ("showCountdown", patch.show_countdown),
            ("enableFunFeatures", patch.show_fun),
        ];
        let set = toggles.into_iter();
        set.filter_map(|(key, value)| Some((key, value?))).collect()
    }

    fn rights(&self) -> Vec<(&'static str, &Right)> {
        let rights = [
            ("whoCanReveal", &self.patch.reveal),
            ("whoCanManageIssues", &self.patch.manage_stories),
        ];
        let set = rights.into_iter();
        set.filter_map(|(key, value)| Some((key, value.as_ref()?)))
            .collect()
    }
}

/// Changes in the words of a viewer: the keys that did not change are missing.
struct Described<'a> {
    changes: &'a Changes,
    names: Names<'a>,
}

impl Serialize for Described<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { changes, names } = self;
        let mut payload = serializer.serialize_map(None)?;
        payload.serialize_entry("settings", &Options(self))?;
        if let Some(host) = changes.host {
            payload.serialize_entry("facilitator", &names.id(host))?;
        }
        if let Some(name) = &changes.patch.name {
            payload.serialize_entry("name", name)?;
        }
        if let Some(deck) = changes.deck {
            payload.serialize_entry("votingSystem", deck_name(deck))?;
        }
        payload.end()
    }
}

struct Options<'a>(&'a Described<'a>);

impl Serialize for Options<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Described { changes, names } = self.0;
        let mut options = serializer.serialize_map(None)?;
        for (key, on) in changes.toggles() {
            options.serialize_entry(key, &on)?;
        }
        for (key, right) in changes.rights() {
            options.serialize_entry(key, &RightObject::new(right, *names))?;
        }
        options.end()
    }
}

fn encode(message: &impl Serialize) -> Utf8Bytes {
    let text = serde_json::to_string(message);
    text.expect("wire objects always encode").into()
}
