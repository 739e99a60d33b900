//! The sync dialect's vocabulary: a shared turn clock, commanded over REST or Socket.IO and watched
//! over WebSockets or Socket.IO. Whoever knows a clock's id may do everything.

pub mod bridge;
pub mod delivery;
pub mod desk;
pub mod failure;
pub mod frames;
pub mod limits;
pub mod meters;
pub mod objects;
pub mod validate;

use percent_encoding::percent_decode_str;
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

/// The first parameter of a query string that is named `sessionId`.
#[must_use]
pub fn named_id(query: &str) -> Option<String> {
    let mut pairs = query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let (_, value) = pairs.find(|(key, _)| *key == "sessionId")?;
    let value = value.replace('+', " ");
    Some(percent_decode_str(&value).decode_utf8_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_parameter_of_exactly_that_name_counts() {
        for (query, id) in [
            ("sessionId=a&sessionId=b", Some("a")),
            ("token=x&sessionId=a%2Db", Some("a-b")),
            ("session_id=a", None),
            ("sessionId", Some("")),
            ("", None),
        ] {
            assert_eq!(named_id(query).as_deref(), id, "{query}");
        }
    }
}
