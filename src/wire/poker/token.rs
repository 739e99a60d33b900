//! Player tokens: JSON Web Tokens signed with HMAC-SHA256.
//!
//! One algorithm, no negotiation: a token whose header names another one is refused unread. That
//! is all of JWT this server needs, so it is written on the well-kept primitives directly.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::rules::Timestamp;
use crate::rules::ids::{PlayerId, SessionId};

const ISSUER: &str = "planning-poker-api";
const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;
/// Longest token that is looked at, in bytes.
const MAX_TOKEN_BYTES: usize = 4096;

/// What a token says of its bearer. The host's right is never read from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The session it is for.
    pub session: SessionId,
    /// The player it names.
    pub player: PlayerId,
}

/// Signs and checks tokens; never shows its key.
pub struct Tokens {
    key: Hmac<Sha256>,
    life: Duration,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    session_id: SessionId,
    player_id: PlayerId,
    #[serde(default)]
    is_host: bool,
    iat: u64,
    exp: u64,
    iss: String,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
}

impl Tokens {
    /// Tokens that live for `life`, signed with `key`.
    #[must_use]
    pub fn new(key: &Bytes, life: Duration) -> Self {
        let key = Hmac::new_from_slice(key).expect("HMAC takes keys of any length");
        Self { key, life }
    }

    /// A token for a player.
    #[must_use]
    pub fn issue(&self, claims: Claims, is_host: bool, now: Timestamp) -> String {
        let iat = now.as_millis() / 1000;
        let payload = Payload {
            session_id: claims.session,
            player_id: claims.player,
            is_host,
            iat,
            exp: iat + self.life.as_secs(),
            iss: ISSUER.to_owned(),
        };
        let payload = serde_json::to_vec(&payload).expect("a payload always encodes");
        let mut token = BASE64_URL_SAFE_NO_PAD.encode(HEADER);
        token.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(payload, &mut token);
        let signature = self.sign(&token).finalize().into_bytes();
        token.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        token
    }

    /// What a token says, if it is ours and in force at `now`.
    #[must_use]
    pub fn check(&self, token: &str, now: Timestamp) -> Option<Claims> {
        if token.len() > MAX_TOKEN_BYTES {
            return None;
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let decode = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).ok();
        let header: Header = serde_json::from_slice(&decode(header)?).ok()?;
        if header.alg != "HS256" {
            return None;
        }
        self.sign(signed).verify_slice(&decode(signature)?).ok()?;
        let payload: Payload = serde_json::from_slice(&decode(payload)?).ok()?;
        let in_force = now.as_millis() / 1000 < payload.exp && payload.iss == ISSUER;
        in_force.then_some(Claims {
            session: payload.session_id,
            player: payload.player_id,
        })
    }

    /// A keyed fingerprint: equal inputs give equal numbers, and nobody else can compute them.
    #[must_use]
    pub fn fingerprint(&self, parts: &[&[u8]]) -> u64 {
        let mut mac = self.key.clone();
        mac.update(b"fingerprint");
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        let digest = mac.finalize().into_bytes();
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        u64::from_be_bytes(first)
    }

    fn sign(&self, text: &str) -> Hmac<Sha256> {
        let mut mac = self.key.clone();
        mac.update(text.as_bytes());
        mac
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("life", &self.life)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn tokens(key: &'static str) -> Tokens {
        Tokens::new(
            &Bytes::from_static(key.as_bytes()),
            Duration::from_hours(48),
        )
    }

    fn claims() -> Claims {
        let id = |n| Uuid::from_u128(n);
        Claims {
            session: SessionId::new(id(1)),
            player: PlayerId::new(id(2)),
        }
    }

    #[test]
    fn a_token_says_what_was_put_into_it_until_it_expires() {
        let tokens = tokens("key");
        let token = tokens.issue(claims(), true, NOW);
        assert_eq!(tokens.check(&token, NOW), Some(claims()));
        assert_eq!(
            tokens.check(&token, NOW.after(Duration::from_hours(48))),
            None
        );
    }

    #[test]
    fn a_token_of_another_key_or_with_a_changed_byte_says_nothing() {
        let token = tokens("key").issue(claims(), false, NOW);
        assert_eq!(tokens("other").check(&token, NOW), None);
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(bytes).expect("ASCII");
            // The last character carries unused bits; strict decoding refuses it all the same.
            assert_eq!(tokens("key").check(&forged, NOW), None, "byte {at}");
        }
    }

    #[test]
    fn an_unsigned_token_is_refused_whatever_its_header_says() {
        let token = tokens("key").issue(claims(), true, NOW);
        let payload = token.split('.').nth(1).expect("three parts");
        let header = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
        for forged in [
            format!("{header}.{payload}."),
            format!("{header}.{payload}"),
            String::new(),
        ] {
            assert_eq!(tokens("key").check(&forged, NOW), None);
        }
    }
}
