//! What is asked of all logs together, and how a cluster's indexes are kept.

use futures_util::future;
use redis::Cmd;

use super::address::Form;
use super::log::{KEPT_ON, score};
use super::{LogKeys, Redis, keys, script};
use crate::rules::{Kind, SessionId, Timestamp};
use crate::store::{Batch, Census, DUE_AGAIN, Position, StoreError};

/// How many logs one part of a sweep forgets.
const SWEPT_LOGS: isize = 200;

impl Redis {
    /// Has a cluster's indexes know a log that is about to begin.
    pub(super) async fn index_beginning(
        &self,
        session: SessionId,
        batch: &Batch,
    ) -> Result<(), StoreError> {
        if self.form == Form::Single {
            return Ok(());
        }
        let (id, kind) = (session.to_string(), &batch.kind);
        let forgettable = keys::forgettable(kind, session);
        let entries = [
            entered(&keys::logs(kind), self.candidate_epoch().to_string(), &id),
            entered(keys::FORGET, score(batch.forgettable_at), &forgettable),
            entered(&keys::due(kind), score(batch.wake_at), &id),
        ];
        let entries: Vec<_> = entries.into_iter().flatten().collect();
        self.move_all(&entries).await
    }

    /// Has a cluster's indexes follow an append. A failure is made up for by the next append.
    pub(super) async fn index_append(&self, session: SessionId, end: Position, batch: &Batch) {
        if self.form == Form::Single {
            return;
        }
        let (id, kind) = (session.to_string(), &batch.kind);
        let forgettable = keys::forgettable(kind, session);
        let moves = [
            moved(&keys::logs(kind), end.epoch.to_string(), &id),
            moved(keys::FORGET, score(batch.forgettable_at), &forgettable),
            moved(&keys::due(kind), score(batch.wake_at), &id),
        ];
        let moved = self.move_all(&moves).await;
        if let Err(error) = moved {
            tracing::debug!(%session, error = &error as &dyn std::error::Error, "could not index a log");
        }
    }

    pub(super) async fn count(&self, kind: &Kind, newest: usize) -> Result<Census, StoreError> {
        let key = keys::logs(kind);
        let mut count = redis::pipe();
        // To -1 would be to the end.
        let last = isize::try_from(newest).unwrap_or(isize::MAX) - 1;
        count.zcard(&key).zrevrange(&key, 0, last);
        let (logs, ids): (u64, Vec<String>) = self.link.ask_all(&count).await?;
        let newest = ids
            .iter()
            .take(newest)
            .filter_map(|id| SessionId::parse(id));
        Ok(Census {
            logs,
            newest: newest.collect(),
        })
    }

    pub(super) async fn sleepers(
        &self,
        kind: &Kind,
        now: Timestamp,
        most: usize,
    ) -> Result<Vec<SessionId>, StoreError> {
        let mut call = script::DUE.key(keys::due(kind));
        call.arg(now.as_millis())
            .arg(most)
            .arg(now.after(DUE_AGAIN).as_millis());
        let due: Vec<String> = self.link.run(call).await?;
        Ok(due.iter().filter_map(|id| SessionId::parse(id)).collect())
    }

    pub(super) async fn move_wake(
        &self,
        kind: &Kind,
        session: SessionId,
        (at, wake_at): (Position, Timestamp),
    ) -> Result<(), StoreError> {
        let (due, id) = (keys::due(kind), session.to_string());
        let mut call = script::RESCHEDULE.key(LogKeys::of(session).head);
        if self.form == Form::Single {
            call.key(&due);
        }
        call.arg(at.epoch)
            .arg(at.version.0)
            .arg(score(wake_at))
            .arg(&id);
        let there: bool = self.link.run(call).await?;
        if there && self.form == Form::Cluster {
            self.move_all(&[moved(&due, score(wake_at), &id)]).await?;
        }
        Ok(())
    }

    pub(super) async fn forget_due(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut forgotten = 0;
        loop {
            let over =
                Cmd::zrangebyscore_limit(keys::FORGET, "-inf", now.as_millis(), 0, SWEPT_LOGS);
            let names: Vec<String> = self.link.ask(&over).await?;
            if names.is_empty() {
                return Ok(forgotten);
            }
            let part = names.iter().map(|name| self.forget(name, now));
            forgotten += future::try_join_all(part).await?.iter().sum::<u64>();
        }
    }

    /// Forgets one log, if its time is over, and has the indexes agree; how many that are.
    async fn forget(&self, name: &str, now: Timestamp) -> Result<u64, StoreError> {
        let Some((kind, session)) = keys::forgettable_session(name) else {
            return self
                .link
                .ask(&Cmd::zrem(keys::FORGET, name))
                .await
                .map(|()| 0);
        };
        let id = session.to_string();
        let mut call = script::FORGET.prepare_invoke();
        self.add_keys(&mut call, session, &kind);
        call.arg(kind.name())
            .arg(&id)
            .arg(now.as_millis())
            .arg(KEPT_ON.as_millis() as u64);
        let (forgotten, at): (u64, String) = self.link.run(call).await?;
        if self.form == Form::Cluster {
            let mut moves = vec![moved(keys::FORGET, at.clone(), name)];
            if at == "-" {
                moves.push(moved(&keys::logs(&kind), at.clone(), &id));
                moves.push(moved(&keys::due(&kind), at, &id));
            }
            self.move_all(&moves).await?;
        }
        Ok(forgotten)
    }

    async fn move_all(&self, moves: &[Cmd]) -> Result<(), StoreError> {
        let moved = moves.iter().map(|command| self.link.ask::<()>(command));
        future::try_join_all(moved).await.map(|_| ())
    }
}

/// Puts a member into an index, unless it is there, or has no place.
fn entered(index: &str, score: String, member: &str) -> Option<Cmd> {
    let mut add = redis::cmd("ZADD");
    add.arg(index).arg("NX").arg(&score).arg(member);
    (score != "-").then_some(add)
}

/// Puts a member of an index in its place, or out of it.
fn moved(index: &str, score: String, member: &str) -> Cmd {
    if score == "-" {
        return Cmd::zrem(index, member);
    }
    Cmd::zadd(index, member, score)
}
