//! The values of flags and variables, made only by parsing.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::ValueEnum;
use thiserror::Error;

use crate::http::Dialect;
use crate::store::redis::RedisUrl;

/// An address and the dialect that owns its ambiguous paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listen {
    /// Where.
    pub address: SocketAddr,
    /// Whose paths.
    pub dialect: Dialect,
}

/// The operations listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpsListen {
    /// Not served.
    Off,
    /// Served there.
    At(SocketAddr),
}

/// Where sessions are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreUrl {
    /// In memory; gone with the process.
    Memory,
    /// In one SQLite file.
    Sqlite(PathBuf),
    /// In Redis, shared by several nodes.
    Redis(RedisUrl),
}

/// Form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

/// Whether clients are told of a shutdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Notice {
    /// They are.
    On,
    /// They see the connection close.
    Off,
}

/// Whether clocks are shared with servers of another make on the same Redis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Bridging {
    /// They are.
    On,
    /// Only servers of this make know of them.
    Off,
}

/// A text that is never printed.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// What is wrong with the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// A value that cannot be read; the text says what was expected.
    #[error("expected {0}")]
    Expected(&'static str),
    /// A buffer too small for the largest snapshot.
    #[error("--socket-buffer-packets must be at least {0}, to hold a snapshot of a full session")]
    BufferTooSmall(usize),
    /// A duration of zero where that makes no sense.
    #[error("{0} must be more than 0")]
    Zero(&'static str),
}

impl FromStr for Secret {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let expected = ConfigError::Expected("a key that is not empty");
        if text.is_empty() {
            Err(expected)
        } else {
            Ok(Self(text.to_owned()))
        }
    }
}

impl FromStr for Listen {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let expected = ConfigError::Expected("ADDR=DIALECT, such as 0.0.0.0:3001=poker");
        let (address, dialect) = text.split_once('=').unwrap_or((text, "poker"));
        let any_host = address
            .strip_prefix(':')
            .map(|port| format!("0.0.0.0:{port}"));
        let address = any_host.as_deref().unwrap_or(address);
        let address = address.parse().map_err(|_| expected.clone())?;
        let dialect = Dialect::from_str(dialect, true).map_err(|_| expected)?;
        Ok(Self { address, dialect })
    }
}

impl FromStr for OpsListen {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        if text == "off" {
            return Ok(Self::Off);
        }
        text.parse()
            .map(Self::At)
            .map_err(|_| ConfigError::Expected("an address, or off"))
    }
}

impl FromStr for StoreUrl {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        match text.split_once(':') {
            Some(("memory", "")) => Ok(Self::Memory),
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            Some((scheme, _)) if scheme.starts_with("redis") => text
                .parse()
                .map(Self::Redis)
                .map_err(|()| ConfigError::Expected("redis://[USER:PASSWORD@]HOST[:PORT][/DB]")),
            _ => Err(ConfigError::Expected(
                "sqlite:PATH, redis://HOST or memory:",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listeners_are_read_with_and_without_host_and_dialect() {
        for text in ["0.0.0.0:3001=poker", ":3001=poker", "0.0.0.0:3001", ":3001"] {
            let listen: Listen = text.parse().expect(text);
            assert_eq!(
                listen.address,
                SocketAddr::from(([0, 0, 0, 0], 3001)),
                "{text}"
            );
        }
        for text in ["", "3001", "0.0.0.0:3001=chess", "=poker"] {
            assert!(text.parse::<Listen>().is_err(), "{text}");
        }
    }

    #[test]
    fn stores_are_told_apart_by_their_scheme() {
        let sqlite: StoreUrl = "sqlite:./a.db".parse().expect("a file");
        assert_eq!(sqlite, StoreUrl::Sqlite("./a.db".into()));
        for redis in [
            "redis://localhost",
            "rediss://:pass@one/2",
            "redis-cluster://one,two",
        ] {
            let store: StoreUrl = redis.parse().expect(redis);
            assert!(matches!(store, StoreUrl::Redis(_)), "{store:?}");
            assert!(!format!("{store:?}").contains("pass"), "{store:?}");
        }
        for text in [
            "sqlite:",
            "redis:",
            "redis://",
            "postgres://localhost",
            "memory:x",
        ] {
            assert!(text.parse::<StoreUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_listener_may_have_another_dialect() {
        let listen: Listen = ":8080=signal".parse().expect("a listener");
        assert_eq!(listen.dialect, Dialect::Signal);
    }
}
