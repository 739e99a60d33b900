//! Ids of players as one viewer may see them (5.7): his own is the one he came with, which is his
//! only credential; everybody else's is public and opaque.

use serde::{Serialize, Serializer};

use crate::rules::ids::PlayerId;
use crate::rules::poker::{Player, Poker};

/// Somebody who looks at a session.
#[derive(Clone, Copy, Debug)]
pub struct Viewer<'a> {
    /// Whose player he is.
    pub player: PlayerId,
    /// The id he came with.
    pub user_id: &'a str,
}

impl Viewer<'_> {
    /// Whose public id he came with, if it is somebody else's: that opens nothing, but two players
    /// must not have one id on his page.
    #[must_use]
    pub fn lookalike(&self) -> Option<PlayerId> {
        let public = PlayerId::parse(self.user_id)?;
        let exact = public.to_string() == self.user_id;
        (exact && public != self.player).then_some(public)
    }
}

/// Everybody's ids, as a viewer sees them; as a stranger does, if there is none.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    state: &'a Poker,
    viewer: Option<Viewer<'a>>,
    /// Whose public id is the viewer's own.
    shadowed: Option<PlayerId>,
}

/// A player's id on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Id<'a> {
    /// One that the player chose.
    Chosen(&'a str),
    /// One that the server chose.
    Public(PlayerId),
    /// The same in another spelling, because the viewer uses this one himself.
    Shadowed(PlayerId),
}

impl<'a> Names<'a> {
    /// The names that `viewer` knows.
    #[must_use]
    pub fn of(state: &'a Poker, viewer: Option<Viewer<'a>>) -> Self {
        Self {
            state,
            viewer,
            shadowed: viewer.and_then(|viewer| viewer.lookalike()),
        }
    }

    /// The session whose players these are.
    #[must_use]
    pub const fn state(&self) -> &'a Poker {
        self.state
    }

    /// Whether this is the viewer himself.
    #[must_use]
    pub fn is_own(&self, player: PlayerId) -> bool {
        self.viewer.is_some_and(|viewer| viewer.player == player)
    }

    /// A player's id.
    #[must_use]
    pub fn id(&self, player: PlayerId) -> Id<'a> {
        match self.viewer {
            Some(viewer) if viewer.player == player => Id::Chosen(viewer.user_id),
            _ => match self.state.player(player).and_then(alias) {
                Some(alias) => Id::Chosen(alias),
                None if self.shadowed == Some(player) => Id::Shadowed(player),
                None => Id::Public(player),
            },
        }
    }

    /// The player whom the viewer calls by this id.
    #[must_use]
    pub fn player(&self, id: &str) -> Option<&'a Player> {
        let players = || self.state.players.iter().map(AsRef::as_ref);
        if let Some(viewer) = self.viewer.filter(|viewer| viewer.user_id == id) {
            return self.state.player(viewer.player);
        }
        if let Some(shadowed) = self.shadowed
            && id == shadowed.uuid().as_simple().to_string()
        {
            return self.state.player(shadowed);
        }
        players()
            .find(|player| alias(player) == Some(id))
            .or_else(|| self.state.player(PlayerId::parse(id)?))
    }
}

fn alias(player: &Player) -> Option<&str> {
    player.key.as_ref()?.alias.as_deref()
}

impl Serialize for Id<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Chosen(text) => serializer.serialize_str(text),
            Self::Public(id) => serializer.collect_str(id),
            Self::Shadowed(id) => serializer.collect_str(id.uuid().as_simple()),
        }
    }
}
