//! What is known of a connection before anybody says a word.

use std::net::IpAddr;

/// The address of the peer, behind trusted proxies the forwarded one; a request extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Peer(pub IpAddr);
