//! The first bytes of a database file, read without SQLite, which might touch the file.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::file::{OpenError, inaccessible};

/// "RTbl"; tells our files from everybody else's.
pub(super) const APPLICATION_ID: u32 = 0x5254_626c;
/// Which tables there are.
pub(super) const SCHEMA_VERSION: u32 = 3;
/// The oldest tables that can be brought to this version.
pub(super) const OLDEST_SCHEMA_VERSION: u32 = 1;

const MAGIC: &[u8] = b"SQLite format 3\0";
const HEADER_BYTES: usize = 100;
const USER_VERSION_AT: usize = 60;
const APPLICATION_ID_AT: usize = 68;

/// What the first bytes of a file say about it.
pub(super) struct Header([u8; HEADER_BYTES]);

impl Header {
    /// Succeeds if there is no file, or only an empty one, or one of ours.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, OpenError> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES);
        match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file.and_then(|file| file.take(HEADER_BYTES as u64).read_to_end(&mut bytes)),
        }
        .map_err(|source| inaccessible(path, source))?;
        if bytes.is_empty() {
            return Ok(None);
        }
        let header = bytes.try_into().map(Self);
        let header = header.map_err(|_| OpenError::NotADatabase(path.to_owned()))?;
        header.check(path)?;
        Ok(Some(header))
    }

    fn check(&self, path: &Path) -> Result<(), OpenError> {
        if !self.0.starts_with(MAGIC) {
            return Err(OpenError::NotADatabase(path.to_owned()));
        }
        check_identity(
            path,
            self.number(APPLICATION_ID_AT),
            self.number(USER_VERSION_AT),
        )
    }

    fn number(&self, at: usize) -> u32 {
        let bytes = self.0[at..at + 4].try_into().expect("four bytes");
        u32::from_be_bytes(bytes)
    }
}

/// Succeeds if these numbers are those of a file that this server can use.
pub(super) fn check_identity(path: &Path, application: u32, schema: u32) -> Result<(), OpenError> {
    let path = path.to_owned();
    match schema {
        _ if application != APPLICATION_ID => Err(OpenError::Foreign(path)),
        OLDEST_SCHEMA_VERSION..=SCHEMA_VERSION => Ok(()),
        0 => Err(OpenError::Foreign(path)),
        found => Err(OpenError::Newer { path, found }),
    }
}
