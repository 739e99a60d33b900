//! The REST dialect of poker, in process and without a socket: every row of the protocol.

mod clocks;
mod desk;
mod history;
mod outages;
mod players;
mod service;
mod sessions;
mod stations;
mod stories;
mod voting;
