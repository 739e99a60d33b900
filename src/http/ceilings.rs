//! How much one address may ask for: generous, because a whole team
//! may sit behind one.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Instant;

use crate::wire::connection::Peer;
use crate::wire::limits::{RetryAfter, Windows};

/// Windows that are remembered, so that memory stays bounded under any number of addresses.
const MAX_WINDOWS: usize = 100_000;
/// The part of an IPv6 address that one customer of a network shares.
const NETWORK_MASK: u128 = !0 << 64;

/// Requests per minute and address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ceilings {
    /// Of any kind.
    pub requests_per_minute: u32,
    /// That open a session or join one.
    pub arrivals_per_minute: u32,
    /// Error reports; more are dropped silently.
    pub error_reports_per_minute: u32,
}

impl Default for Ceilings {
    fn default() -> Self {
        Self {
            requests_per_minute: 6000,
            arrivals_per_minute: 600,
            error_reports_per_minute: 60,
        }
    }
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Request,
    Arrival,
    ErrorReport,
}

/// Counts requests.
#[derive(Debug)]
pub(super) struct Counters {
    ceilings: Option<Ceilings>,
    windows: Windows<(IpAddr, Kind)>,
}

impl Counters {
    pub(super) fn new(ceilings: Option<Ceilings>) -> Self {
        let windows = Windows::new(MAX_WINDOWS);
        Self { ceilings, windows }
    }

    /// Counts one request; one without an address counts for nobody.
    pub(super) fn count(&self, peer: Option<Peer>, kind: Kind) -> Result<(), RetryAfter> {
        let (Some(ceilings), Some(Peer(address))) = (self.ceilings, peer) else {
            return Ok(());
        };
        // A loopback address stands for everybody behind a proxy on this machine.
        if address.to_canonical().is_loopback() && kind != Kind::ErrorReport {
            return Ok(());
        }
        let limit = match kind {
            Kind::Request => ceilings.requests_per_minute,
            Kind::Arrival => ceilings.arrivals_per_minute,
            Kind::ErrorReport => ceilings.error_reports_per_minute,
        };
        let key = (network(address), kind);
        self.windows.hit(key, limit, Instant::now())
    }
}

/// The address, or the network of an IPv6 one, within which addresses cost nothing.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & NETWORK_MASK).into(),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(address: &str) -> Option<Peer> {
        Some(Peer(address.parse().expect("an address")))
    }

    #[test]
    fn each_address_and_kind_has_its_own_ceiling() {
        let counters = Counters::new(Some(Ceilings {
            requests_per_minute: 2,
            arrivals_per_minute: 1,
            error_reports_per_minute: 1,
        }));
        let count = |address, kind| counters.count(peer(address), kind).is_ok();
        assert!(count("192.0.2.1", Kind::Request) && count("::ffff:192.0.2.1", Kind::Request));
        assert!(!count("192.0.2.1", Kind::Request));
        assert!(count("192.0.2.2", Kind::Request) && count("192.0.2.1", Kind::Arrival));
        assert!(count("2001:db8::1", Kind::Arrival) && !count("2001:db8::2", Kind::Arrival));
    }

    #[test]
    fn a_proxy_on_this_machine_is_not_taken_for_one_client() {
        let counters = Counters::new(Some(Ceilings {
            requests_per_minute: 0,
            arrivals_per_minute: 0,
            error_reports_per_minute: 0,
        }));
        assert!(counters.count(peer("127.0.0.1"), Kind::Arrival).is_ok());
        assert!(
            counters
                .count(peer("127.0.0.1"), Kind::ErrorReport)
                .is_err()
        );
        assert!(counters.count(peer("192.0.2.1"), Kind::Arrival).is_err());
    }

    #[test]
    fn without_ceilings_or_address_nothing_is_refused() {
        let none = Counters::new(None);
        let strict = Counters::new(Some(Ceilings {
            requests_per_minute: 0,
            ..Ceilings::default()
        }));
        assert!(none.count(peer("192.0.2.1"), Kind::Request).is_ok());
        assert!(strict.count(None, Kind::Request).is_ok());
    }
}
