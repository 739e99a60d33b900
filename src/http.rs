//! REST: one router per dialect, and the edge that every request passes first.
//!
//! The edge is the same for all paths of a listener, Socket.IO's polling included: hardening
//! headers, then CORS, then paths in their canonical form. What lies behind it sees lower-case
//! paths without a slash at the end and never a preflight, and its errors carry the headers too.
//! Socket.IO sessions that begin as WebSockets do not pass it: they are no pages, and their path is exact.

pub mod base;
pub mod bearer;
pub mod ceilings;
pub mod cors;
pub mod docs;
pub mod hardening;
mod json;
pub mod paths;
pub mod poker;
pub mod signal;
pub mod turns;
pub mod ui;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};

use self::cors::Sharing;

pub use paths::Dialect;

/// Puts the edge in front of a whole application.
pub fn edge(app: Router, sharing: Sharing) -> Router {
    // A router's own layers run after routing; as another router's fallback the application is
    // routed after them, by the path they leave.
    Router::new()
        .fallback_service(app)
        .layer(from_fn_with_state(sharing.listener(), paths::canonical))
        .layer(from_fn_with_state(sharing, cors::allow))
        .layer(from_fn(hardening::harden))
}
