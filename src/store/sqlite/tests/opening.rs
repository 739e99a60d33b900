//! Which files are opened, and what becomes of those that are not.

use std::fs;

use super::{Batch, Timestamp, session, texts};
use super::{Connection, OpenError, Path, Position, Sqlite, Store, add, batch, contents, home};
use crate::rules::Kind;
use crate::store::contract::KIND;

/// Opens a file that must be refused, with everything beside it left as it was.
#[track_caller]
fn refuse(path: &Path) -> OpenError {
    let directory = path.parent().unwrap();
    // The lock file tells nothing about the database and may stay.
    fs::write(path.with_extension("db.lock"), "").unwrap();
    let before = contents(directory);
    let refusal = Sqlite::open(path).expect_err("a file that must be refused");
    assert!(contents(directory) == before, "{refusal} left traces");
    refusal
}

/// A closed database of ours with one record.
async fn ours(path: &Path) {
    let store = Sqlite::open(path).unwrap();
    add(&store, 1, Position::START, batch(["a"])).await;
}

#[tokio::test]
async fn a_missing_directory_is_created() {
    let (home, _) = home();
    let path = home.path().join("var/lib/log.db");
    ours(&path).await;
    assert!(path.exists());
}

#[tokio::test]
async fn an_empty_file_becomes_a_database() {
    let (_home, path) = home();
    fs::write(&path, "").unwrap();
    ours(&path).await;
}

#[tokio::test]
async fn a_closed_store_leaves_one_file_and_its_lock() {
    let (home, path) = home();
    ours(&path).await;
    let files = contents(home.path()).into_iter().map(|(path, _)| path);
    let expected = [path.clone(), path.with_extension("db.lock")];
    assert!(files.eq(expected));
}

#[tokio::test]
async fn a_file_is_open_only_once() {
    let (_home, path) = home();
    let first = Sqlite::open(&path).unwrap();
    let second = Sqlite::open(&path);
    assert!(matches!(second, Err(OpenError::InUse(it)) if it == path));
    drop(first);
    Sqlite::open(&path).unwrap();
}

#[test]
fn what_is_no_database_is_refused_and_left_alone() {
    for text in [
        "x",
        "not a database, but a text that is longer than a header ... ",
    ] {
        let (home, path) = home();
        fs::write(&path, text.repeat(9)).unwrap();
        let before = contents(home.path());
        let refusal = Sqlite::open(&path).unwrap_err();
        assert!(matches!(refusal, OpenError::NotADatabase(_)), "{refusal}");
        assert_eq!(contents(home.path()), before);
    }
}

#[test]
fn the_database_of_another_application_is_refused_and_left_alone() {
    for application in [0, 7] {
        let (home, path) = home();
        let theirs = Connection::open(&path).unwrap();
        theirs
            .pragma_update(None, "application_id", application)
            .unwrap();
        theirs
            .execute_batch("CREATE TABLE sessions (theirs)")
            .unwrap();
        theirs.close().unwrap();
        let before = contents(home.path());
        let refusal = Sqlite::open(&path).unwrap_err();
        assert!(matches!(refusal, OpenError::Foreign(_)), "{refusal}");
        assert_eq!(contents(home.path()), before);
    }
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_alone() {
    let (_home, path) = home();
    ours(&path).await;
    let newer = Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", 4).unwrap();
    newer.close().unwrap();
    let refusal = refuse(&path);
    assert!(
        matches!(refusal, OpenError::Newer { found: 4, .. }),
        "{refusal}"
    );
}

#[tokio::test]
async fn a_newer_schema_that_a_crash_left_in_the_log_is_refused_and_left_alone() {
    let (_home, path) = home();
    ours(&path).await;
    let newer = Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", 4).unwrap();
    let (_elsewhere, copy) = super::home();
    for suffix in ["", "-wal"] {
        let [from, to] = [&path, &copy].map(|path| format!("{}{suffix}", path.display()));
        fs::copy(from, to).unwrap();
    }
    let refusal = refuse(&copy);
    assert!(
        matches!(refusal, OpenError::Newer { found: 4, .. }),
        "{refusal}"
    );
}

#[tokio::test]
async fn a_truncated_file_is_refused_and_left_alone() {
    let (_home, path) = home();
    ours(&path).await;
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let refusal = refuse(&path);
    assert!(matches!(refusal, OpenError::Corrupt { .. }), "{refusal}");
}

#[tokio::test]
async fn a_file_with_an_overwritten_page_is_refused_and_left_alone() {
    let (_home, path) = home();
    ours(&path).await;
    let bytes = fs::read(&path).unwrap();
    // Each page but the first, whose header has its own test.
    for page in 1..bytes.len() / 4096 {
        let mut bytes = bytes.clone();
        bytes[page * 4096..][..4096].fill(0xa5);
        fs::write(&path, bytes).unwrap();
        let refusal = refuse(&path);
        assert!(
            matches!(refusal, OpenError::Corrupt { .. }),
            "{page}: {refusal}"
        );
    }
}

#[tokio::test]
async fn the_log_of_a_database_that_is_gone_is_not_played_into_a_new_one() {
    let (_home, path) = home();
    let store = Sqlite::open(&path).unwrap();
    add(&store, 1, Position::START, batch(["old"])).await;
    let wal = format!("{}-wal", path.display());
    let old = fs::read(&wal).unwrap();
    drop(store);
    fs::remove_file(&path).unwrap();
    fs::write(&wal, old).unwrap();

    let store = Sqlite::open(&path).unwrap();
    let tail = store.read(session(1), Position::START).await.unwrap();
    assert_eq!(texts(&tail).len(), 0);
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_may_read_the_secrets() {
    use std::os::unix::fs::PermissionsExt;
    let (_home, path) = home();
    let store = Sqlite::open(&path).unwrap();
    store.secret("key", "red".into()).await.unwrap();
    for suffix in ["", "-wal"] {
        let file = fs::metadata(format!("{}{suffix}", path.display())).unwrap();
        assert_eq!(file.permissions().mode() & 0o077, 0, "{suffix}");
    }
}

#[tokio::test]
async fn a_file_of_the_first_schema_is_brought_to_the_present_one() {
    let (_home, path) = home();
    ours(&path).await;
    make_first_schema(&path);
    let store = Sqlite::open(&path).unwrap();
    let kind = Kind::new("any");
    let tail = store.read(session(1), Position::START).await.unwrap();
    assert_eq!((texts(&tail).concat(), tail.kind), ("a".to_owned(), None));
    assert_eq!(store.census(&kind, 0).await.unwrap().logs, 1);
    let forever = Timestamp::from_millis(u64::MAX >> 2);
    assert_eq!(store.due(&kind, forever, 9).await.unwrap(), []);

    let wake_at = Timestamp::from_millis(1);
    let more = Batch {
        wake_at,
        ..batch(["b"])
    };
    add(&store, 1, tail.end, more).await;
    drop(store);
    let store = Sqlite::open(&path).unwrap();
    let tail = store.read(session(1), Position::START).await.unwrap();
    assert_eq!(
        (texts(&tail).concat(), tail.kind),
        ("ab".to_owned(), Some(KIND))
    );
    assert_eq!(store.due(&KIND, wake_at, 9).await.unwrap(), [session(1)]);
}

#[tokio::test]
async fn a_file_of_the_second_schema_is_brought_to_the_present_one() {
    let (_home, path) = home();
    ours(&path).await;
    let db = Connection::open(&path).unwrap();
    db.execute_batch("DROP TABLE fresh; PRAGMA user_version = 2;")
        .unwrap();
    db.close().unwrap();
    let store = Sqlite::open(&path).unwrap();
    let tail = store.read(session(1), Position::START).await.unwrap();
    add(&store, 1, tail.end, batch(["b"])).await;
    let tail = store.read(session(1), Position::START).await.unwrap();
    assert_eq!(
        (texts(&tail).concat(), tail.kind),
        ("ab".to_owned(), Some(KIND))
    );
}

fn make_first_schema(path: &Path) {
    let db = Connection::open(path).unwrap();
    db.execute_batch(
        "DROP TABLE fresh;
         ALTER TABLE sessions DROP COLUMN wake_at;
         ALTER TABLE sessions DROP COLUMN kind;
         PRAGMA user_version = 1;",
    )
    .unwrap();
    db.close().unwrap();
}
