//! A session as everybody may see it, over REST and in events.

use serde::Serialize;
use utoipa::ToSchema;

use super::objects::{ConfigObject, Iso, PlayerObject};
use crate::rules::ids::{PlayerId, SessionId};
use crate::rules::poker::Poker;

/// A session as everybody may see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Session"))]
#[schema(as = Session)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields are the contract's")]
pub struct SessionObject<'a> {
    pub id: SessionId,
    pub name: &'a str,
    #[schema(required)]
    pub host_id: Option<PlayerId>,
    pub config: ConfigObject<'a>,
    pub is_active: bool,
    pub created_at: Iso,
    pub expires_at: Iso,
    pub players: Vec<PlayerObject<'a>>,
    pub player_count: usize,
    pub cards_revealed: bool,
    pub has_password: bool,
}

impl<'a> SessionObject<'a> {
    /// The session with this id, as it is now.
    #[must_use]
    pub fn of(id: SessionId, state: &'a Poker) -> Self {
        let players = PlayerObject::roster(state);
        Self {
            id,
            name: &state.name,
            host_id: state.host,
            config: ConfigObject::from(&state.settings),
            is_active: true,
            created_at: Iso(state.created_at),
            expires_at: Iso(state.expires_at),
            player_count: players.len(),
            players,
            cards_revealed: state.is_revealed(),
            has_password: state.passcode.is_some(),
        }
    }
}
