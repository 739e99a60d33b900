//! The signal dialect's vocabulary: poker over a raw WebSocket, for pages that change their own
//! screen first and tell the server afterwards.
//!
//! What the server has power over are those pages' screens, by a handful of messages in the right
//! order. The sequences of 5.2 are called here as the contract does: `V` starts a round, `S` shows
//! the whole session, `R` makes the page open the cards it knows, `C` makes it count down.

pub mod delivery;
pub mod frames;
pub mod ids;
pub mod message;
pub mod objects;
pub mod pages;
pub mod port;
pub mod settings;
pub mod table;
pub mod text;

#[cfg(test)]
mod tests;
