//! Roundtable: a Socket.IO-compatible room server for team sessions.
//!
//! Rules decide, the store orders, rooms remember, the wire translates. A **session** is one
//! append-only log: [`rules`] turn commands into events and fold events into state, the [`store`]
//! puts the events in order, one task per live session in [`room`] applies them, and [`wire`]
//! translates each event into the words of every connected client. [`server`] puts it together.
//!
//! Dependencies point one way: `rules` <- `room` <- `wire` <- `server`; `store` knows only bytes
//! and versions.

pub mod config;
pub mod listen;
pub mod metrics;
pub mod ops;
pub mod room;
pub mod rules;
pub mod server;
pub mod store;
pub mod trace;
pub mod wire;
