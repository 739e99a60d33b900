//! Roundtable.

pub mod metrics;
pub mod room;
pub mod rules;
pub mod store;
pub mod wire;
