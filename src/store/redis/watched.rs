//! The logs that somebody on this node watches.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use bytes::Bytes;
use tokio::sync::{broadcast, watch};
use uuid::Uuid;

use super::channels::Ear;
use crate::rules::{SessionId, Version};
use crate::store::{Hint, Position};

/// Whispers that may wait for a room; older ones get lost.
const WAITING_WHISPERS: usize = 64;
/// What a whisper begins with on a channel of hints.
const WHISPER: u8 = b'!';
/// Bytes of the mark of the store that whispers.
const MARK_BYTES: usize = 16;
/// A log is let go of if so many checks in a row find nobody who watches it.
const CHECKS_ALONE: u32 = 3;

/// All of them.
pub(super) struct Watched {
    /// By which this store knows its own whispers.
    mark: Uuid,
    logs: Mutex<HashMap<SessionId, Arc<WatchedLog>>>,
}

/// What was last heard of one log.
#[derive(Default)]
pub(super) struct WatchedLog {
    mark: Uuid,
    hint: watch::Sender<Hint>,
    whispers: OnceLock<broadcast::Sender<Bytes>>,
    checks_alone: AtomicU32,
}

impl Default for Watched {
    fn default() -> Self {
        Self {
            mark: Uuid::new_v4(),
            logs: Mutex::default(),
        }
    }
}

impl Watched {
    /// Listens to the whispers about a log that is watched.
    pub(super) fn overhear(&self, session: SessionId) -> Option<broadcast::Receiver<Bytes>> {
        let log = self.lock().get(&session)?.clone();
        let whispers = log
            .whispers
            .get_or_init(|| broadcast::Sender::new(WAITING_WHISPERS));
        Some(whispers.subscribe())
    }

    /// What is published for words that other stores shall hear.
    pub(super) fn whisper(&self, words: &[u8]) -> Vec<u8> {
        [&[WHISPER][..], self.mark.as_bytes(), words].concat()
    }

    /// Watches a log from now on. What may have happened before is in doubt.
    pub(super) fn listen(&self, session: SessionId) -> (Arc<WatchedLog>, watch::Receiver<Hint>) {
        let mut logs = self.lock();
        let fresh = || {
            Arc::new(WatchedLog {
                mark: self.mark,
                ..WatchedLog::default()
            })
        };
        let log = logs.entry(session).or_insert_with(fresh);
        (log.clone(), log.hint.subscribe())
    }

    /// The logs that are watched.
    pub(super) fn all(&self) -> Vec<(SessionId, Arc<WatchedLog>)> {
        let logs = self.lock();
        logs.iter().map(|(id, log)| (*id, log.clone())).collect()
    }

    /// Lets go of the logs that nobody has watched for a while.
    pub(super) fn release(&self) -> Vec<(SessionId, Arc<WatchedLog>)> {
        let mut logs = self.lock();
        logs.extract_if(|_, log| log.is_abandoned()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, Arc<WatchedLog>>> {
        self.logs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WatchedLog {
    /// What was heard last.
    pub(super) fn hint(&self) -> Hint {
        *self.hint.borrow()
    }

    /// Notes where the log was found to end, unless something was heard since `asked`.
    pub(super) fn found(&self, asked: Hint, end: Position) {
        self.hint.send_if_modified(|hint| {
            let news = *hint == asked && hint.end != end;
            if news {
                learn(hint, end);
            }
            news
        });
    }

    fn overhear(&self, whisper: &[u8]) {
        let Some((mark, words)) = whisper.split_at_checked(MARK_BYTES) else {
            return;
        };
        let foreign = mark != self.mark.as_bytes();
        if let Some(whispers) = self.whispers.get().filter(|_| foreign) {
            // An error says that nobody listens.
            let _ = whispers.send(Bytes::copy_from_slice(words));
        }
    }

    fn is_abandoned(&self) -> bool {
        if self.hint.receiver_count() > 0 {
            self.checks_alone.store(0, Ordering::Relaxed);
            return false;
        }
        self.checks_alone.fetch_add(1, Ordering::Relaxed) + 1 >= CHECKS_ALONE
    }
}

impl Ear for WatchedLog {
    fn hear(&self, _: &str, payload: &[u8]) {
        if let Some((&WHISPER, whisper)) = payload.split_first() {
            return self.overhear(whisper);
        }
        let Some(end) = str::from_utf8(payload).ok().and_then(position) else {
            return self.doubt();
        };
        self.hint.send_modify(|hint| learn(hint, end));
    }

    fn doubt(&self) {
        self.hint.send_modify(|hint| hint.doubts += 1);
    }
}

/// Notes where the log ends now. If that is earlier than before, the log has lost what it had, and
/// rooms that have seen it must look.
fn learn(hint: &mut Hint, end: Position) {
    if hint.end.epoch == end.epoch && end.version < hint.end.version {
        hint.doubts += 1;
    }
    hint.end = end;
}

/// Reads `epoch:version`.
fn position(text: &str) -> Option<Position> {
    let (epoch, version) = text.split_once(':')?;
    Some(Position {
        epoch: epoch.parse().ok()?,
        version: Version(version.parse().ok()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_released_only_after_a_while_without_watchers() {
        let watched = Watched::default();
        let session = SessionId::new(Uuid::from_u128(1));
        let (_, hints) = watched.listen(session);
        for _ in 0..2 * CHECKS_ALONE {
            assert!(watched.release().is_empty());
        }
        drop(hints);
        for _ in 1..CHECKS_ALONE {
            assert!(watched.release().is_empty());
        }
        assert_eq!(watched.release().len(), 1);
        assert!(watched.all().is_empty());
    }

    #[test]
    fn whispers_of_other_stores_are_heard_and_hints_go_on() {
        let (here, there) = (Watched::default(), Watched::default());
        let session = SessionId::new(Uuid::from_u128(1));
        let (log, hints) = here.listen(session);
        let mut heard = here.overhear(session).expect("it is watched");
        log.hear("", &here.whisper(b"mine"));
        log.hear("", &there.whisper(b"theirs"));
        log.hear("", b"!short");
        assert_eq!(heard.try_recv().expect("a whisper"), "theirs");
        assert!(heard.try_recv().is_err());
        assert_eq!(hints.borrow().doubts, 0);
        assert!(here.overhear(SessionId::new(Uuid::nil())).is_none());
    }

    #[test]
    fn a_log_that_has_lost_its_tail_is_in_doubt() {
        let log = WatchedLog::default();
        log.hear("", b"7:5");
        let asked = log.hint();
        let shorter = Position {
            epoch: 7,
            version: Version(3),
        };
        log.found(asked, shorter);
        assert_eq!((log.hint().end, log.hint().doubts), (shorter, 1));
        log.hear("", b"7:2");
        assert_eq!(log.hint().doubts, 2);
        log.hear("", b"7:4");
        assert_eq!(log.hint().doubts, 2);
        log.found(asked, Position::START);
        assert_eq!(log.hint().end.version, Version(4), "the question was older");
    }
}
