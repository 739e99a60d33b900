//! What travels: the words of the dialects, and the connections that carry them.
//!
//! A dialect is translation and nothing else: it turns frames into commands and events into
//! frames. Wire names live only in this tree and in `http`.

pub mod connection;
pub mod limits;
pub mod poker;
pub mod poker_io;
mod schemas;
pub mod signal;
pub mod signal_ws;
pub mod socketio;
pub mod turns;
pub mod turns_io;
pub mod turns_ws;
pub mod ws;
