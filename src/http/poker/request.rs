//! What handlers read of a request: its body, the ids in its path, and where it comes from.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::rules::ids::{PlayerId, SessionId, StoryId};
use crate::wire::connection::Peer;
use crate::wire::poker::validate::{Code, Issues};

/// The body as the JSON station has read it; `{}` if there was none.
#[derive(Clone, Debug)]
pub(super) struct Payload(pub(super) Arc<Value>);

impl Default for Payload {
    fn default() -> Self {
        Self(Arc::new(json!({})))
    }
}

impl<S: Sync> FromRequestParts<S> for Payload {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().cloned().unwrap_or_default())
    }
}

/// The address a request comes from, if the listener has told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin(pub(super) Option<Peer>);

impl<S: Sync> FromRequestParts<S> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.extensions.get().copied()))
    }
}

/// The ids in the path, still texts.
pub(super) struct PathIds(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for PathIds {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let params = RawPathParams::from_request_parts(parts, state).await;
        // A path that is no text holds no id either.
        Ok(Self(params.map_or_else(
            |_| Vec::new(),
            |params| params.iter().map(owned).collect(),
        )))
    }
}

impl PathIds {
    /// The session, which the contract calls `id` or `sessionId`, depending on the route.
    pub(super) fn session(&self, field: &str) -> Result<SessionId, Issues> {
        let id = SessionId::parse(self.text("session"));
        id.ok_or_else(|| malformed(field, "Invalid session ID format"))
    }

    /// The story.
    pub(super) fn story(&self) -> Result<StoryId, Issues> {
        let id = StoryId::parse(self.text("story"));
        id.ok_or_else(|| malformed("storyId", "Invalid story ID format"))
    }

    /// The player.
    pub(super) fn player(&self) -> Result<PlayerId, Issues> {
        let id = PlayerId::parse(self.text("player"));
        id.ok_or_else(|| malformed("id", "Invalid player ID format"))
    }

    fn text(&self, name: &str) -> &str {
        let mut params = self.0.iter();
        params
            .find(|(known, _)| known == name)
            .map_or("", |(_, text)| text)
    }
}

fn malformed(field: &str, message: &str) -> Issues {
    Issues::one(field, message, Code::InvalidString).within("params")
}

/// What the query says under this name; nothing is an empty text.
pub(super) fn queried(query: Option<&str>, name: &str) -> String {
    let mut pairs = query.unwrap_or_default().split('&');
    let text = pairs.find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name));
    let text = text.map_or("", |(_, text)| text);
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Both, or the issues of both.
pub(super) fn both<A, B>(a: Result<A, Issues>, b: Result<B, Issues>) -> Result<(A, B), Issues> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (Err(a), Err(b)) => Err(a.and(b)),
        (Err(issues), _) | (_, Err(issues)) => Err(issues),
    }
}

/// Puts the issues of a body where the contract names them.
pub(super) fn in_body(issues: Issues) -> Issues {
    issues.within("body")
}
