//! The path below which the world finds the server, where it shares a host with others.
//!
//! Some proxies take the path away before they pass a request on, some do not. So everything is
//! served below the path as well as at the root, and the page is told the path.

use std::str::FromStr;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::Uri;
use axum::http::uri::PathAndQuery;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use thiserror::Error;

use super::paths::is_below;

/// First segments that have a meaning of their own.
const RESERVED: [&str; 6] = ["api", "assets", "s", "socket.io", "v1", "ws"];
/// What is below a prefix of a dialect, which a base path may be, too.
const KEPT: [&str; 11] = [
    "/poker/api",
    "/poker/api-docs",
    "/poker/api-docs.json",
    "/signal/health",
    "/signal/sessions",
    "/sync/v1",
    "/sync/health",
    "/sync/ready",
    "/sync/metrics",
    "/sync/api-docs",
    "/sync/api-docs.json",
];
/// Where upgrades are taken below such a prefix.
const KEPT_UPGRADE: &str = "/signal";

/// A path like `/poker`, without a slash at the end; empty for the root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BasePath(String);

/// What is no base path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "expected a path like /poker that does not begin with /api, /assets, /s, /socket.io, /v1 or /ws"
)]
pub struct BadBasePath;

impl FromStr for BasePath {
    type Err = BadBasePath;

    fn from_str(text: &str) -> Result<Self, BadBasePath> {
        let path = text.strip_suffix('/').unwrap_or(text);
        if path.is_empty() {
            return Ok(Self::default());
        }
        let segments = path.strip_prefix('/').ok_or(BadBasePath)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
        let fits = |part: &str| !matches!(part, "" | "." | "..") && part.chars().all(plain);
        let first = segments.split('/').next().unwrap_or_default();
        if segments.split('/').all(fits) && !RESERVED.contains(&first) {
            Ok(Self(path.to_owned()))
        } else {
            Err(BadBasePath)
        }
    }
}

impl BasePath {
    /// The address of the root of everything, as a page's `<base>` has it.
    #[must_use]
    pub fn href(&self) -> String {
        format!("{}/", self.0)
    }

    /// The address without the base path, if it has it.
    fn stripped(&self, uri: &Uri) -> Option<Uri> {
        let path = uri.path();
        let kept = KEPT.iter().any(|prefix| is_below(path, prefix)) || path == KEPT_UPGRADE;
        if self.0.is_empty() || kept || !is_below(path, &self.0) {
            return None;
        }
        let rest = &path[self.0.len()..];
        let rest = if rest.is_empty() { "/" } else { rest };
        let path_and_query: PathAndQuery = match uri.query() {
            Some(query) => format!("{rest}?{query}").parse().ok()?,
            None => rest.parse().ok()?,
        };
        let mut parts = uri.clone().into_parts();
        parts.path_and_query = Some(path_and_query);
        Uri::from_parts(parts).ok()
    }
}

/// Puts in front of an application what takes the base path away from requests.
pub fn below(base: BasePath, app: Router) -> Router {
    if base.0.is_empty() {
        app
    } else {
        app.layer(from_fn_with_state(base, strip))
    }
}

async fn strip(State(base): State<BasePath>, mut request: Request, next: Next) -> Response {
    if let Some(uri) = base.stripped(request.uri()) {
        *request.uri_mut() = uri;
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stripped(base: &str, path: &'static str) -> String {
        let base: BasePath = base.parse().expect("a base path");
        let uri = Uri::from_static(path);
        base.stripped(&uri).unwrap_or(uri).to_string()
    }

    #[test]
    fn the_base_path_is_taken_away_where_it_is() {
        for (given, path) in [
            ("/team", "/"),
            ("/team/", "/"),
            ("/team/s/1?x=/team", "/s/1?x=/team"),
            ("/team/api/sessions", "/api/sessions"),
            ("/team/socket.io/?EIO=4", "/socket.io/?EIO=4"),
            ("/teams/api", "/teams/api"),
            ("/api/sessions", "/api/sessions"),
            ("/", "/"),
        ] {
            assert_eq!(stripped("/team/", given), path, "{given}");
            assert_eq!(stripped("/", given), given);
        }
    }

    #[test]
    fn a_base_path_of_a_dialect_s_name_hides_none_of_its_paths() {
        for (given, path) in [
            ("/poker", "/"),
            ("/poker/s/1", "/s/1"),
            ("/poker/socket.io/", "/socket.io/"),
            ("/poker/api/sessions", "/poker/api/sessions"),
            ("/poker/api-docs/", "/poker/api-docs/"),
        ] {
            assert_eq!(stripped("/poker", given), path, "{given}");
        }
        assert_eq!(stripped("/signal", "/signal"), "/signal");
        assert_eq!(stripped("/signal", "/signal/s/1"), "/s/1");
        assert_eq!(stripped("/signal", "/signal/sessions"), "/signal/sessions");
    }

    #[test]
    fn what_is_no_path_of_its_own_is_refused() {
        for text in [
            "team", "//", "/a//b", "/..", "/a b", "/api", "/s/x", "/a?b", "/ws",
        ] {
            assert_eq!(text.parse::<BasePath>(), Err(BadBasePath), "{text}");
        }
        for (text, href) in [
            ("/", "/"),
            ("", "/"),
            ("/a/b", "/a/b/"),
            ("/poker/", "/poker/"),
        ] {
            let base: BasePath = text.parse().expect("a base path");
            assert_eq!(base.href(), href);
        }
    }
}
