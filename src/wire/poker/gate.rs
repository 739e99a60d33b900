//! What every way into a poker session shares: its rooms, and the proofs of who somebody is.

use std::net::IpAddr;
use std::sync::Arc;

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::token::{Claims, Tokens};
use crate::metrics::Metrics;
use crate::room::{Directory, now};
use crate::rules::ids::{PlayerId, SessionId};
use crate::rules::poker::{PasscodeHash, Poker, Proof};

/// Passwords that are hashed at a time; each takes [`HASH_MEMORY_KIB`] and some milliseconds.
const MAX_HASHES: usize = 2;
const HASH_MEMORY_KIB: u32 = 19 * 1024;

/// Whether votes, reveals and resets need a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Auth {
    /// A token of a member of the session.
    Strict,
    /// Nothing; anybody may act for anybody.
    Open,
}

/// Whether a socket must prove who it is before it may act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Binding {
    /// By token, by having created the player, or by its address.
    On,
    /// Knowing the player's id is enough.
    Off,
}

/// What every way into a poker session shares.
pub struct Gate {
    /// The poker sessions.
    pub rooms: Arc<Directory<Poker>>,
    /// Whether REST actions need a token.
    pub auth: Auth,
    /// Whether sockets must prove who they are.
    pub binding: Binding,
    /// Who counts.
    pub metrics: Arc<Metrics>,
    tokens: Tokens,
    hashing: Semaphore,
}

impl Gate {
    /// A gate to these rooms.
    #[must_use]
    pub fn new(rooms: Arc<Directory<Poker>>, tokens: Tokens, auth: Auth, binding: Binding) -> Self {
        let metrics = rooms.surroundings().metrics.clone();
        Self {
            rooms,
            auth,
            binding,
            metrics,
            tokens,
            hashing: Semaphore::new(MAX_HASHES),
        }
    }

    /// A token for a player.
    #[must_use]
    pub fn token(&self, session: SessionId, player: PlayerId, is_host: bool) -> String {
        self.tokens
            .issue(Claims { session, player }, is_host, now())
    }

    /// What a token says, if it is one of ours and in force.
    #[must_use]
    pub fn claims(&self, token: &str) -> Option<Claims> {
        self.tokens.check(token, now())
    }

    /// The fingerprint of a peer's address in a session. All loopback addresses are one, and an
    /// IPv4-mapped IPv6 address is the IPv4 one.
    #[must_use]
    pub fn proof(&self, session: SessionId, peer: IpAddr) -> Proof {
        let address = match peer.to_canonical() {
            address if address.is_loopback() => "loopback".to_owned(),
            address => address.to_string(),
        };
        let session = session.uuid();
        Proof(
            self.tokens
                .fingerprint(&[session.as_bytes(), address.as_bytes()]),
        )
    }

    /// The fingerprint of an id that a client has chosen for itself in a session.
    #[must_use]
    pub fn fingerprint(&self, session: SessionId, chosen: &str) -> u64 {
        let session = session.uuid();
        self.tokens
            .fingerprint(&[b"chosen id", session.as_bytes(), chosen.as_bytes()])
    }

    /// Hashes a password for keeping; takes some milliseconds on another thread.
    pub async fn hash(&self, password: String) -> PasscodeHash {
        let _turn = self.hashing.acquire().await;
        let hashed = spawn_blocking(move || hasher().hash_password(password.as_bytes())).await;
        let hashed = hashed.expect("hashing does not panic");
        PasscodeHash(hashed.expect("the parameters are valid").to_string())
    }

    /// Whether a password is the one that was hashed.
    pub async fn verify(&self, password: String, hash: PasscodeHash) -> bool {
        let _turn = self.hashing.acquire().await;
        let verified = spawn_blocking(move || {
            let hash = PasswordHash::new(&hash.0).ok()?;
            hasher().verify_password(password.as_bytes(), &hash).ok()
        });
        matches!(verified.await, Ok(Some(())))
    }
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(HASH_MEMORY_KIB, 2, 1, None).expect("the parameters are valid");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}
