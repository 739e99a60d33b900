//! The database file: what it must be like before anything is written to it.
//!
//! A file that is not ours, damaged or from the future is left as it is, to the byte. So its header
//! is read without SQLite first, then SQLite opens it read-only, and only then for writing. A new
//! file gets its name when it is complete; a crash leaves none or a whole one.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use thiserror::Error;

use super::header::{
    APPLICATION_ID, Header, OLDEST_SCHEMA_VERSION, SCHEMA_VERSION, check_identity,
};

const SCHEMA: &str = include_str!("schema.sql");
/// What makes tables of version 2 of those of version 1.
const SCHEMA_2: &str = include_str!("schema_2.sql");
/// What makes tables of version 3 of those of version 2, and is the rest of a new file's.
const FRESH: &str = include_str!("fresh.sql");

/// What SQLite keeps beside a database.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Pages that the writer keeps at hand, in KiB; read again and again from the log they cost it more
/// than the fsync.
const WRITER_CACHE_KIBIBYTES: i32 = 4 << 10;
/// What is left of the write-ahead log after a checkpoint: a little more than what is committed between
/// two of them, because a file that keeps its size is synced faster.
const WAL_KEPT_BYTES: u64 = 24 << 20;
/// A checkpoint gives up on a reader after this time; the next one will do.
const WRITER_PATIENCE: Duration = Duration::from_millis(100);
/// Readers meet a lock only while another process recovers or checkpoints.
const READER_PATIENCE: Duration = Duration::from_secs(5);

/// Why a database file cannot be used; the file is then as it was.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Another process, or another store of this one, has it open.
    #[error("{} is in use by another process", .0.display())]
    InUse(PathBuf),
    /// It is no SQLite database.
    #[error("{} is not a database", .0.display())]
    NotADatabase(PathBuf),
    /// It is the database of another application.
    #[error("{} belongs to another application", .0.display())]
    Foreign(PathBuf),
    /// A newer version of this server has written it.
    #[error("{} has schema version {found}; this server knows up to {SCHEMA_VERSION}", path.display())]
    Newer {
        /// Which file.
        path: PathBuf,
        /// The schema version in it.
        found: u32,
    },
    /// Its contents are damaged.
    #[error("{} is corrupt: {finding}", path.display())]
    Corrupt {
        /// Which file.
        path: PathBuf,
        /// What SQLite says about it.
        finding: String,
    },
    /// It, or a file beside it, cannot be read or written.
    #[error("{} cannot be opened", path.display())]
    Inaccessible {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// The right to use a database file that is ours and sound; no other process has it meanwhile.
#[derive(Debug)]
pub(super) struct Claim {
    path: PathBuf,
    _lock: File,
}

impl Claim {
    /// Checks the file, and creates it and its directory if there is none.
    pub(super) fn take(path: &Path) -> Result<Self, OpenError> {
        // Before the lock file is made, so that nothing appears beside a stranger's file.
        Header::read(path)?;
        let lock = lock(path)?;
        match Header::read(path)? {
            None => create(path)?,
            Some(_) => examine(path)?,
        }
        let path = path.to_owned();
        Ok(Self { path, _lock: lock })
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The write-ahead log beside the file.
    pub(super) fn wal(&self) -> PathBuf {
        beside(&self.path, "-wal")
    }

    /// The connection that writes; there must be only one. The tables are then of this version.
    pub(super) fn writer(&self) -> Result<Connection, OpenError> {
        open_writer(&self.path)
            .and_then(migrated)
            .map_err(|source| inaccessible(&self.path, source))
    }
}

/// A connection that can only read.
pub(super) fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(READER_PATIENCE)?;
    Ok(db)
}

/// A connection that can write; all but one of them only make checkpoints.
pub(super) fn open_writer(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(WRITER_PATIENCE)?;
    db.pragma_update(None, "synchronous", "full")?;
    db.pragma_update(None, "cache_size", -WRITER_CACHE_KIBIBYTES)?;
    db.pragma_update(None, "journal_size_limit", WAL_KEPT_BYTES)?;
    Ok(db)
}

/// Brings older tables to this version, all or nothing.
fn migrated(mut db: Connection) -> rusqlite::Result<Connection> {
    let found: u32 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found < SCHEMA_VERSION {
        let migration = db.transaction()?;
        if found == OLDEST_SCHEMA_VERSION {
            migration.execute_batch(SCHEMA_2)?;
        }
        migration.execute_batch(FRESH)?;
        migration.pragma_update(None, "user_version", SCHEMA_VERSION)?;
        migration.commit()?;
    }
    Ok(db)
}

/// Asks the system for the sole use of the file, for as long as this process lives.
fn lock(path: &Path) -> Result<File, OpenError> {
    let lock = beside(path, ".lock");
    let failed = |source| inaccessible(&lock, source);
    let directory = path.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(directory).map_err(|source| inaccessible(directory, source))?;
    let mut options = OpenOptions::new();
    let file = options
        .create(true)
        .truncate(false)
        .write(true)
        .open(&lock)
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(path.to_owned())),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// Has SQLite read the whole file, together with what a crash may have left in its log.
fn examine(path: &Path) -> Result<(), OpenError> {
    let companions = COMPANIONS.map(|suffix| beside(path, suffix));
    let new = companions
        .into_iter()
        .filter(|it| !it.exists())
        .collect::<Vec<_>>();
    let examined = open_reader(path).and_then(|db| findings(&db));
    // A reader makes these files but cannot remove them.
    remove(new)?;
    let (application, schema, finding) = examined.map_err(|error| diagnose(path, error))?;
    check_identity(path, application, schema)?;
    if finding != "ok" {
        let path = path.to_owned();
        return Err(OpenError::Corrupt { path, finding });
    }
    Ok(())
}

fn findings(db: &Connection) -> rusqlite::Result<(u32, u32, String)> {
    Ok((
        db.pragma_query_value(None, "application_id", |row| row.get(0))?,
        db.pragma_query_value(None, "user_version", |row| row.get(0))?,
        db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?,
    ))
}

fn create(path: &Path) -> Result<(), OpenError> {
    // The log of a database that is gone must not be played into the new one.
    remove(COMPANIONS.map(|suffix| beside(path, suffix)))?;
    let draft = beside(path, ".new");
    remove(["", "-wal", "-shm", "-journal"].map(|suffix| beside(&draft, suffix)))?;
    create_private(&draft).map_err(|source| inaccessible(&draft, source))?;
    write_draft(&draft).map_err(|source| inaccessible(&draft, source))?;
    publish(&draft, path).map_err(|source| inaccessible(path, source))
}

/// Makes an empty file that only its owner may read, for there will be secrets in it.
fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn write_draft(draft: &Path) -> rusqlite::Result<()> {
    let db = Connection::open(draft)?;
    // Takes effect only before there is any table.
    db.pragma_update(None, "auto_vacuum", "incremental")?;
    db.pragma_update(None, "journal_mode", "wal")?;
    db.execute_batch(SCHEMA)?;
    db.execute_batch(FRESH)?;
    db.pragma_update(None, "application_id", APPLICATION_ID)?;
    db.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    db.close().map_err(|(_, error)| error)
}

fn publish(draft: &Path, path: &Path) -> io::Result<()> {
    File::open(draft)?.sync_all()?;
    fs::rename(draft, path)?;
    let directory = path.parent().filter(|it| !it.as_os_str().is_empty());
    File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
}

fn remove(paths: impl IntoIterator<Item = PathBuf>) -> Result<(), OpenError> {
    for path in paths {
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(inaccessible(&path, error));
            }
            _ => {}
        }
    }
    Ok(())
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

fn diagnose(path: &Path, error: rusqlite::Error) -> OpenError {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    match error.sqlite_error_code() {
        Some(DatabaseCorrupt | NotADatabase) => OpenError::Corrupt {
            path: path.to_owned(),
            finding: error.to_string(),
        },
        _ => inaccessible(path, error),
    }
}

pub(super) fn inaccessible(
    path: &Path,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> OpenError {
    OpenError::Inaccessible {
        path: path.to_owned(),
        source: source.into(),
    }
}
