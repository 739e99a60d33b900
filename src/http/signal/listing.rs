//! Listing all sessions. Whoever knows a session's id may join it, so this is the only secret that
//! the dialect has.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use serde::Serialize;

use super::creation::unavailable;
use super::{SignalRest, refusal};
use crate::http::bearer::bears;
use crate::http::json::Json;
use crate::room::Look;
use crate::rules::Machine;
use crate::rules::ids::SessionId;
use crate::rules::poker::{Player, Poker, Stage};
use crate::wire::connection::Peer;
use crate::wire::poker::objects::Iso;

/// Sessions that are listed at most, the newest ones.
const MAX_LISTED: usize = 1000;
/// Headers of whoever asks for somebody else: proxies, and browsers for the page of any site.
const ON_BEHALF: [&str; 5] = ["x-forwarded-for", "forwarded", "x-real-ip", "via", "origin"];

/// Who may list all sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Listing {
    /// Everybody.
    Open,
    /// Whoever asks from this machine itself, neither through a proxy nor from another site's page.
    Local,
    /// Nobody.
    Off,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    id: SessionId,
    name: String,
    player_count: usize,
    last_activity: Iso,
}

/// `GET /sessions`
pub(super) async fn list(State(desk): State<Arc<SignalRest>>, request: Request) -> Json {
    if let Err(refused) = desk.may_list(&request) {
        return refused;
    }
    let rooms = &desk.signal.gate.rooms;
    let store = &rooms.surroundings().store;
    let Ok(census) = store.census(&Poker::KIND, MAX_LISTED).await else {
        return unavailable();
    };
    let mut sessions = Vec::with_capacity(census.newest.len());
    for id in census.newest {
        let listed = rooms.glance(id, move |look| Listed::of(id, &look)).await;
        // One that ended meanwhile, or cannot be read, is not worth a failure.
        sessions.extend(listed.ok().flatten());
    }
    Json::new(200, &sessions)
}

impl Listed {
    /// A session that can be joined by its id alone.
    fn of(id: SessionId, look: &Look<'_, Poker>) -> Option<Self> {
        let state = look.state;
        let is_joinable = state.stage_at(look.now) == Stage::Open && state.passcode.is_none();
        is_joinable.then(|| Self {
            id,
            name: state.name.clone(),
            player_count: state.players.iter().filter(|it| is_online(it)).count(),
            last_activity: Iso(state.last_activity.max(state.created_at)),
        })
    }
}

fn is_online(player: &Player) -> bool {
    player.online() && !player.spectator
}

impl SignalRest {
    fn may_list(&self, request: &Request) -> Result<(), Json> {
        let peer = request.extensions().get().copied();
        let permitted = match (self.settings.listing, &self.settings.token) {
            (Listing::Off, _) => return Err(refusal(404, "Not found")),
            (_, Some(token)) if bears(request.headers(), token) => true,
            (_, Some(_)) => return Err(refusal(401, "Authentication token required")),
            (Listing::Open, None) => true,
            (Listing::Local, None) => is_local(peer, request.headers()),
        };
        permitted
            .then_some(())
            .ok_or_else(|| refusal(403, "Not allowed from here"))
    }
}

/// Whether a request comes from this machine itself, and for nobody else.
fn is_local(peer: Option<Peer>, headers: &HeaderMap) -> bool {
    let here = peer.is_some_and(|Peer(address)| address.to_canonical().is_loopback());
    here && !ON_BEHALF.iter().any(|name| headers.contains_key(*name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().expect("a header"));
        headers
    }

    fn peer(address: &str) -> Option<Peer> {
        Some(Peer(address.parse().expect("an address")))
    }

    #[test]
    fn only_this_machine_itself_is_local() {
        let none = HeaderMap::new();
        assert!(is_local(peer("127.0.0.1"), &none));
        assert!(is_local(peer("::ffff:127.0.0.1"), &none));
        assert!(!is_local(peer("192.0.2.1"), &none));
        assert!(!is_local(None, &none));
        for name in ON_BEHALF {
            assert!(
                !is_local(peer("127.0.0.1"), &headers(name, "1.2.3.4")),
                "{name}"
            );
        }
    }
}
