//! The sync dialect's vocabulary: a shared turn clock, commanded over REST and watched over
//! WebSockets. Whoever knows a clock's id may do everything.

pub mod delivery;
pub mod frames;
pub mod meters;
pub mod objects;

use sha2::{Digest, Sha256};
use uuid::Builder;

use crate::rules::SessionId;

/// The log in which the clock of this id is kept: ids are compared byte by byte and may look like
/// those of other room kinds, whose logs are in the same store.
#[must_use]
pub fn log_of(id: &str) -> SessionId {
    let digest = Sha256::new()
        .chain_update(b"turns:")
        .chain_update(id)
        .finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    SessionId::new(Builder::from_custom_bytes(bytes).into_uuid())
}
