//! The canonical form of a REST path: lower case, without one slash at the end (poker 2.1, sync
//! 2.1), and whose path is whose.

use axum::extract::{Request, State};
use axum::http::Uri;
use axum::http::uri::PathAndQuery;
use axum::middleware::Next;
use axum::response::Response;

/// Where paths ignore letter case; elsewhere nothing is touched.
const PREFIXES: [&str; 5] = ["/api", "/poker", "/signal", "/sync", "/v1"];
/// Below these the segment behind `sessions` is an id, whose letter case matters.
const EXACT_IDS: [&str; 2] = ["/v1", "/sync/v1"];
/// Pages whose address ends in a slash; without it they send the browser there.
const PAGES: [&str; 3] = ["/api-docs/", "/poker/api-docs/", "/sync/api-docs/"];
/// Whose the paths are that are the same on every listener.
const OWNED: [(&str, Dialect); 8] = [
    ("/api", Dialect::Poker),
    ("/poker", Dialect::Poker),
    ("/socket.io", Dialect::Poker),
    ("/signal", Dialect::Signal),
    ("/ws/signal", Dialect::Signal),
    ("/sync", Dialect::Sync),
    ("/v1", Dialect::Sync),
    ("/ws", Dialect::Sync),
];

/// A dialect that can own the ambiguous paths of a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Dialect {
    /// Planning poker over Socket.IO and REST.
    Poker,
    /// Planning poker over a raw WebSocket.
    Signal,
    /// The shared turn clock.
    Sync,
}

impl Dialect {
    /// Whose path this is on a listener of this dialect.
    #[must_use]
    pub fn owner_of(self, path: &str) -> Self {
        let path = path.to_ascii_lowercase();
        let mut owned = OWNED.iter();
        let owner = owned.find(|(prefix, _)| is_below(&path, prefix));
        owner.map_or(self, |(_, owner)| *owner)
    }
}

/// Gives the request's path its canonical form; the query stays as it is.
pub async fn canonical(
    State(listener): State<Dialect>,
    mut request: Request,
    next: Next,
) -> Response {
    if let Some(uri) = canonical_uri(request.uri(), listener) {
        *request.uri_mut() = uri;
    }
    next.run(request).await
}

/// The canonical address, if it is another one.
fn canonical_uri(uri: &Uri, listener: Dialect) -> Option<Uri> {
    let given = uri.path();
    let lower = given.to_ascii_lowercase();
    let everywhere = PREFIXES.iter().any(|prefix| is_below(&lower, prefix));
    // Where a clock's listener is asked, everything but its upgrades is REST.
    let here = listener == Dialect::Sync && listener.owner_of(given) == Dialect::Sync;
    if !everywhere && (!here || is_below(&lower, "/ws")) {
        return None;
    }
    let exact = EXACT_IDS.iter().any(|prefix| is_below(&lower, prefix));
    let path = if exact { with_exact_id(given) } else { lower };
    let path = match path.strip_suffix('/') {
        Some(bare) if !PAGES.contains(&path.as_str()) => bare,
        _ => &path,
    };
    if path == given || path.is_empty() {
        return None;
    }
    let path_and_query: PathAndQuery = match uri.query() {
        Some(query) => format!("{path}?{query}").parse().ok()?,
        None => path.parse().ok()?,
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(path_and_query);
    Uri::from_parts(parts).ok()
}

/// In lower case but for the id of a session.
fn with_exact_id(path: &str) -> String {
    let mut behind_sessions = false;
    let segments = path.split('/').map(|segment| {
        let lower = segment.to_ascii_lowercase();
        let is_id = std::mem::replace(&mut behind_sessions, lower == "sessions");
        if is_id { segment.to_owned() } else { lower }
    });
    segments.collect::<Vec<_>>().join("/")
}

pub(super) fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(path: &'static str) -> String {
        canonical_on(Dialect::Poker, path)
    }

    fn canonical_on(listener: Dialect, path: &'static str) -> String {
        let uri = Uri::from_static(path);
        canonical_uri(&uri, listener).unwrap_or(uri).to_string()
    }

    #[test]
    fn on_a_listener_for_clocks_all_their_paths_are_canonical_but_upgrades() {
        for (given, path) in [
            ("/HEALTH/", "/health"),
            ("/Ready", "/ready"),
            ("/WS", "/WS"),
            ("/ws/", "/ws/"),
            ("/", "/"),
            ("/Socket.IO/", "/Socket.IO/"),
            ("/API-Docs.json/", "/api-docs.json"),
            ("/API-Docs", "/api-docs"),
            ("/API-Docs/", "/api-docs/"),
            ("/sync/api-docs//", "/sync/api-docs/"),
        ] {
            assert_eq!(canonical_on(Dialect::Sync, given), path);
        }
    }

    #[test]
    fn case_and_one_slash_are_ignored_below_the_api_alone() {
        for (given, path) in [
            ("/API/Sessions/AB/", "/api/sessions/ab"),
            ("/api/sessions//", "/api/sessions/"),
            ("/Poker/API/health", "/poker/api/health"),
            ("/api/", "/api"),
            ("/signal/", "/signal"),
            ("/Signal/Sessions", "/signal/sessions"),
            ("/V1/Sessions/aB/Start/", "/v1/sessions/aB/start"),
            ("/Sync/V1/Time", "/sync/v1/time"),
            ("/Sync/Api-Docs/", "/sync/api-docs/"),
            ("/Poker/Api-Docs/", "/poker/api-docs/"),
            ("/v1/sessions/api-docs/", "/v1/sessions/api-docs"),
            ("/apiary/Bees/", "/apiary/Bees/"),
            ("/socket.io/?EIO=4", "/socket.io/?EIO=4"),
            ("/", "/"),
        ] {
            assert_eq!(canonical(given), path);
        }
    }

    #[test]
    fn paths_without_a_prefix_belong_to_the_listener_s_dialect() {
        for (path, owner) in [
            ("/api/sessions", Dialect::Poker),
            ("/socket.io/", Dialect::Poker),
            ("/Signal/sessions", Dialect::Signal),
            ("/ws/signal", Dialect::Signal),
            ("/ws", Dialect::Sync),
            ("/v1/time", Dialect::Sync),
        ] {
            assert_eq!(Dialect::Poker.owner_of(path), owner, "{path}");
            assert_eq!(Dialect::Signal.owner_of(path), owner, "{path}");
        }
        for path in ["/", "/sessions", "/signals", "/apiary"] {
            assert_eq!(Dialect::Poker.owner_of(path), Dialect::Poker, "{path}");
            assert_eq!(Dialect::Signal.owner_of(path), Dialect::Signal, "{path}");
        }
    }

    #[test]
    fn the_query_keeps_its_case() {
        assert_eq!(canonical("/API/x/?storyId=A/"), "/api/x?storyId=A/");
    }
}
