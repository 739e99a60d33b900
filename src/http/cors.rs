//! Which browser origins may read answers, and the answer to their preflights.
//! Written by hand because the protocol wants a single configured origin to be named whatever the
//! request's origin was.

use std::str::FromStr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_REQUEST_HEADERS, ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use thiserror::Error;

use super::Dialect;

const REST_METHODS: HeaderValue = HeaderValue::from_static("GET,HEAD,PUT,PATCH,POST,DELETE");
const SOCKET_IO_METHODS: HeaderValue = HeaderValue::from_static("GET,POST");
const SOCKET_IO_PREFIX: &str = "/socket.io";

/// The origins that may read answers; made by parsing one origin, a comma list, or `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origins(Allowed);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Allowed {
    Any,
    One(HeaderValue),
    List(Arc<[HeaderValue]>),
}

/// Who may read the answers of a listener.
#[derive(Clone, Debug)]
pub struct Sharing {
    poker: Origins,
    sync: Origins,
    listener: Dialect,
}

impl Sharing {
    /// The answers of poker and of sync are for these origins, those of the signal dialect for
    /// everybody; a listener of this dialect is asked.
    #[must_use]
    pub fn new((poker, sync): (Origins, Origins), listener: Dialect) -> Self {
        Self {
            poker,
            sync,
            listener,
        }
    }

    /// Whose listener is asked.
    #[must_use]
    pub const fn listener(&self) -> Dialect {
        self.listener
    }
}

/// The configured origins cannot be sent in a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected an origin, a comma list of origins, or *")]
pub struct BadOrigins;

impl FromStr for Origins {
    type Err = BadOrigins;

    fn from_str(text: &str) -> Result<Self, BadOrigins> {
        let names = text.split(',').map(str::trim).filter(|it| !it.is_empty());
        let names: Result<Vec<_>, _> = names.map(HeaderValue::from_str).collect();
        let names = names.map_err(|_| BadOrigins)?;
        Ok(Self(match names.as_slice() {
            [] => return Err(BadOrigins),
            names if names.contains(&HeaderValue::from_static("*")) => Allowed::Any,
            [one] => Allowed::One(one.clone()),
            _ => Allowed::List(names.into()),
        }))
    }
}

/// Answers preflights and names the allowed origin on every other answer.
pub async fn allow(State(sharing): State<Sharing>, request: Request, next: Next) -> Response {
    let owner = sharing.listener.owner_of(request.uri().path());
    let origin = request.headers().get(ORIGIN).cloned();
    let asks = request.method() == Method::OPTIONS;
    let mut response = if asks {
        preflight(&request)
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    match owner {
        Dialect::Poker => sharing.poker.name(origin.as_ref(), headers),
        Dialect::Signal => {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        }
        Dialect::Sync => {
            sharing.sync.name(origin.as_ref(), headers);
            let yes = HeaderValue::from_static("true");
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
        }
    }
    if asks && owner != Dialect::Poker {
        headers.append(VARY, ACCESS_CONTROL_REQUEST_HEADERS.into());
    }
    response
}

fn preflight(request: &Request) -> Response {
    let methods = if request.uri().path().starts_with(SOCKET_IO_PREFIX) {
        SOCKET_IO_METHODS
    } else {
        REST_METHODS
    };
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
    if let Some(asked) = request.headers().get(ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
    }
    response
}

impl Origins {
    fn name(&self, asking: Option<&HeaderValue>, headers: &mut HeaderMap) {
        let named = match &self.0 {
            Allowed::Any => Some(HeaderValue::from_static("*")),
            Allowed::One(one) => Some(one.clone()),
            Allowed::List(list) => asking.filter(|asking| list.contains(asking)).cloned(),
        };
        if self.0 != Allowed::Any {
            headers.append(VARY, HeaderValue::from_static("Origin"));
        }
        if let Some(named) = named {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, named);
            let yes = HeaderValue::from_static("true");
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The origin named to somebody from `asking`, under this configuration.
    fn named(configured: &str, asking: &'static str) -> Option<HeaderValue> {
        let origins: Origins = configured.parse().expect("origins");
        let mut headers = HeaderMap::new();
        origins.name(Some(&HeaderValue::from_static(asking)), &mut headers);
        headers.remove(ACCESS_CONTROL_ALLOW_ORIGIN)
    }

    #[test]
    fn a_single_origin_is_named_to_everybody() {
        let one = Some(HeaderValue::from_static("http://a"));
        assert_eq!(named("http://a", "http://a"), one);
        assert_eq!(named(" http://a ,", "http://b"), one);
    }

    #[test]
    fn an_origin_of_a_list_is_named_to_itself_and_to_nobody_else() {
        let b = Some(HeaderValue::from_static("http://b"));
        assert_eq!(named("http://a, http://b", "http://b"), b);
        assert_eq!(named("http://a,http://b", "http://c"), None);
    }

    #[test]
    fn a_star_allows_everybody() {
        let star = Some(HeaderValue::from_static("*"));
        assert_eq!(named("*", "http://a"), star);
        assert_eq!(named("http://a,*", "http://b"), star);
    }

    #[test]
    fn no_origin_and_line_breaks_are_refused() {
        for text in ["", " , ", "http://a\nhttp://b"] {
            assert_eq!(text.parse::<Origins>(), Err(BadOrigins));
        }
    }
}
