//! The poker dialect's vocabulary, shared by Socket.IO and REST: its objects, its rules for what
//! clients send, and its names for what goes wrong.

pub mod failure;
pub mod frames;
pub mod gate;
pub mod history;
pub mod leaving;
pub mod objects;
pub mod payloads;
pub mod screen;
pub mod session;
pub mod text;
pub mod token;
pub mod validate;
pub mod whisper;
