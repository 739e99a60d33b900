//! What is done to one log.

use std::time::Duration;

use redis::{ScriptInvocation, Value, from_redis_value};

use super::address::Form;
use super::{LogKeys, Redis, keys, script};
use crate::rules::{Kind, SessionId, Timestamp, Version};
use crate::store::{Append, Batch, Position, Snapshot, StoreError, Tail};

/// How long a log that no sweep has forgotten, or the epoch of one that was, is kept.
pub(super) const KEPT_ON: Duration = Duration::from_hours(24);

/// An entry of a stream: its id, a field's name and its value.
type Entry = (String, (String, Vec<u8>));

impl Redis {
    pub(super) async fn append_records(
        &self,
        session: SessionId,
        expected: Position,
        batch: &Batch,
    ) -> Result<Append, StoreError> {
        let mut call = script::APPEND.prepare_invoke();
        self.add_keys(&mut call, session, &batch.kind);
        call.arg(expected.epoch)
            .arg(expected.version.0)
            .arg(self.candidate_epoch())
            .arg(batch.kind.name())
            .arg(score(batch.wake_at))
            .arg(score(batch.forgettable_at))
            .arg(KEPT_ON.as_millis() as u64)
            .arg(session.to_string())
            .arg(keys::hint(session))
            .arg(batch.records.len());
        for record in &batch.records {
            call.arg(record.as_ref());
        }
        self.add_echoes(&mut call, &batch.echoes);
        let (status, epoch): (i64, u64) = self.link.run(call).await?;
        match status {
            0 => Ok(Append::Conflict),
            1 => Ok(Append::Committed(Position {
                epoch,
                version: expected.version.plus(batch.records.len() as u64),
            })),
            _ => Err(StoreError::Foreign(session)),
        }
    }

    pub(super) async fn read_records(
        &self,
        session: SessionId,
        after: Position,
    ) -> Result<Tail, StoreError> {
        let LogKeys { log, head, fold } = LogKeys::of(session);
        let mut call = script::READ.key(log);
        call.key(head)
            .key(fold)
            .arg(after.epoch)
            .arg(after.version.0);
        let answer: Vec<Value> = self.link.run(call).await?;
        match <[Value; 6]>::try_from(answer) {
            Ok(found) => tail((session, after.version), found),
            Err(answer) if answer.is_empty() => Ok(Tail {
                snapshot: None,
                records: Vec::new(),
                end: Position::START,
                kind: None,
            }),
            Err(_) => Err(StoreError::Rewound(after.version)),
        }
    }

    pub(super) async fn fold_records(
        &self,
        session: SessionId,
        epoch: u64,
        snapshot: Snapshot,
    ) -> Result<(), StoreError> {
        let LogKeys { log, head, fold } = LogKeys::of(session);
        let mut call = script::FOLD.key(log);
        call.key(head).key(fold);
        call.arg(epoch)
            .arg(snapshot.version.0)
            .arg(snapshot.state.as_ref());
        match self.link.run(call).await? {
            0 => Err(StoreError::Rewound(snapshot.version)),
            _ => Ok(()),
        }
    }

    /// The keys of a log and, where one server has all, of the indexes it is in.
    pub(super) fn add_keys(
        &self,
        call: &mut ScriptInvocation<'_>,
        session: SessionId,
        kind: &Kind,
    ) {
        let LogKeys { log, head, fold } = LogKeys::of(session);
        call.key(log).key(head).key(fold);
        if self.form == Form::Single {
            call.key(keys::logs(kind))
                .key(keys::FORGET)
                .key(keys::due(kind));
        }
    }
}

/// A moment as scripts and indexes have it.
pub(super) fn score(moment: Timestamp) -> String {
    if moment == Timestamp::NEVER {
        "-".to_owned()
    } else {
        moment.as_millis().to_string()
    }
}

/// What a script has found behind a version.
fn tail((session, after): (SessionId, Version), found: [Value; 6]) -> Result<Tail, StoreError> {
    let [epoch, version, kind, from, fold, entries] = found;
    let version = Version(parse(version)?);
    let from = Version(parse(from)?);
    let damaged = |version| StoreError::Damaged { session, version };
    let fold = match fold {
        // What it stood for is not among the entries any more.
        Value::Nil if from > after => return Err(damaged(from)),
        Value::Nil => None,
        fold => Some(Snapshot {
            version: from,
            state: parse::<Vec<u8>>(fold)?.into(),
        }),
    };
    let entries: Vec<Entry> = parse(entries)?;
    let mut records = Vec::with_capacity(entries.len());
    for (due, (id, (_, record))) in (from.0 + 1..).zip(entries) {
        if id.strip_suffix("-0") != Some(due.to_string().as_str()) {
            return Err(damaged(Version(due)));
        }
        records.push(record.into());
    }
    let read = from.plus(records.len() as u64);
    if read != version {
        return Err(damaged(read.plus(1)));
    }
    let kind: String = parse(kind)?;
    Ok(Tail {
        snapshot: fold,
        records,
        end: Position {
            epoch: parse(epoch)?,
            version,
        },
        kind: Some(Kind::stored(&kind)),
    })
}

fn parse<T: redis::FromRedisValue>(value: Value) -> Result<T, StoreError> {
    from_redis_value(value).map_err(StoreError::unavailable)
}
