//! What the rooms of a directory can be asked: commands, and looks at their state.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OnceCell, oneshot};
use tokio::time::{Instant, timeout_at};

use super::{Absent, Directory, Error, Lease, Moment, Order, store_error};
use crate::room::draft::{Answer, Looker, Pending};
use crate::room::replica::Replica;
use crate::room::task::{Freshness, Request, View};
use crate::room::{Look, SubmitError};
use crate::rules::{Actor, Machine, SessionId};

/// Time that the rooms of a survey have to answer.
const SURVEY_PATIENCE: Duration = Duration::from_secs(1);

impl<M: Machine> Directory<M> {
    /// Opens the room of a session that does not exist yet and gives it its first command.
    ///
    /// # Errors
    /// As [`Directory::submit_then`].
    pub async fn create<R: Send + 'static>(
        self: &Arc<Self>,
        session: SessionId,
        command: M::Command,
        look: impl FnOnce(Look<'_, M>) -> R + Send + 'static,
    ) -> Result<R, Error<M>> {
        let replica = Replica::unborn(session, self.around.store.clone());
        let door = self.spawn(replica).await.map_err(store_error::<M>)?;
        self.slots()
            .insert(session, Arc::new(OnceCell::new_with(Some(door))));
        self.submit_then(session, Actor::System, command, look)
            .await
    }

    /// Submits a command and returns what `look` sees right after it, before any later event.
    ///
    /// # Errors
    /// The rules' refusal, or why the room could not decide or store the command.
    pub async fn submit_then<R: Send + 'static>(
        self: &Arc<Self>,
        session: SessionId,
        actor: Actor,
        command: M::Command,
        look: impl FnOnce(Look<'_, M>) -> R + Send + 'static,
    ) -> Result<R, Error<M>> {
        self.place(session, Order::new(actor, command), look).await
    }

    /// Submits a command as its order says, and returns what `look` sees after it.
    ///
    /// # Errors
    /// As [`Directory::submit_then`].
    pub async fn place<R: Send + 'static>(
        self: &Arc<Self>,
        session: SessionId,
        order: Order<M>,
        look: impl FnOnce(Look<'_, M>) -> R + Send + 'static,
    ) -> Result<R, Error<M>> {
        let (tell, told) = oneshot::channel();
        let looker: Looker<M> = Box::new(move |outcome| {
            let _ = tell.send(outcome.map(look));
        });
        let answer = match order.looks {
            Moment::Next => Answer::Look(looker),
            Moment::Last => Answer::LookLast(looker),
        };
        let pending = Pending::new(order, answer);
        self.ask(session, Request::Submit(Box::new(pending)))
            .await?;
        told.await.unwrap_or(Err(SubmitError::Busy))
    }

    /// Submits a command; returns after everybody has been told what it led to.
    ///
    /// # Errors
    /// As [`Directory::submit_then`].
    pub async fn submit(
        self: &Arc<Self>,
        session: SessionId,
        actor: Actor,
        command: M::Command,
    ) -> Result<(), Error<M>> {
        let (tell, told) = oneshot::channel();
        let order = Order::new(actor, command);
        let pending = Pending::new(order, Answer::Outcome(tell));
        self.ask(session, Request::Submit(Box::new(pending)))
            .await?;
        told.await.unwrap_or(Err(SubmitError::Busy))
    }

    /// Submits a command to a session that may not exist yet; its log then begins with it.
    ///
    /// # Errors
    /// As [`Directory::submit_then`], but never [`SubmitError::UnknownSession`].
    pub async fn begin<R: Send + 'static>(
        self: &Arc<Self>,
        session: SessionId,
        command: M::Command,
        look: impl FnOnce(Look<'_, M>) -> R + Send + 'static,
    ) -> Result<R, Error<M>> {
        let _lease = self.await_session(session).await?;
        self.submit_then(session, Actor::System, command, look)
            .await
    }

    /// Keeps the session's room in memory until the lease is dropped, also while it does not exist,
    /// for those who wait for it to begin.
    ///
    /// # Errors
    /// Why the room could not be opened.
    pub async fn await_session(self: &Arc<Self>, session: SessionId) -> Result<Lease, Error<M>> {
        self.hold(session, Absent::Begins).await
    }

    /// Runs `look` inside the room's task, between two events, on the latest state that can be had.
    ///
    /// # Errors
    /// [`SubmitError::UnknownSession`], or why the room could not be asked.
    pub async fn view<R: Send + 'static>(
        self: &Arc<Self>,
        session: SessionId,
        look: impl FnOnce(Look<'_, M>) -> R + Send + 'static,
    ) -> Result<R, Error<M>> {
        self.see(session, Freshness::Known, look).await
    }

    /// Runs `look` inside the room's task, between two events, on the state as this node has heard of
    /// it: for what passes too often to ask the store each time.
    ///
    /// # Errors
    /// As [`Directory::view`].
    pub async fn peek<R: Send + 'static>(
        self: &Arc<Self>,
        session: SessionId,
        look: impl FnOnce(Look<'_, M>) -> R + Send + 'static,
    ) -> Result<R, Error<M>> {
        self.see(session, Freshness::Heard, look).await
    }

    /// Runs `look` inside the room's task, between two events, on the state that the store has now.
    ///
    /// # Errors
    /// As [`Directory::view`], and [`SubmitError::Store`] if that cannot be known.
    pub async fn view_present<R: Send + 'static>(
        self: &Arc<Self>,
        session: SessionId,
        look: impl FnOnce(Look<'_, M>) -> R + Send + 'static,
    ) -> Result<R, Error<M>> {
        self.see(session, Freshness::Present, look).await
    }

    async fn see<R: Send + 'static>(
        self: &Arc<Self>,
        session: SessionId,
        freshness: Freshness,
        look: impl FnOnce(Look<'_, M>) -> R + Send + 'static,
    ) -> Result<R, Error<M>> {
        let (tell, told) = oneshot::channel();
        let view: View<M> = Box::new(move |seen| {
            let _ = tell.send(seen.map(look));
        });
        self.ask(session, Request::View(view, freshness)).await?;
        let seen = told.await.map_err(|_| SubmitError::Busy)?;
        seen.map_err(SubmitError::Store)
    }

    /// Runs `look` on the state of a session, without bringing its room into memory.
    ///
    /// # Errors
    /// As [`Directory::view`].
    pub async fn glance<R: Send + 'static>(
        self: &Arc<Self>,
        session: SessionId,
        look: impl FnOnce(Look<'_, M>) -> R + Send + 'static,
    ) -> Result<R, Error<M>> {
        let in_memory = self.slots().contains_key(&session);
        if in_memory {
            return self.view_present(session, look).await;
        }
        let replica = Replica::load(session, self.around.store.clone()).await;
        let replica = replica.map_err(store_error::<M>)?;
        Ok(look(replica.ok_or(SubmitError::UnknownSession)?.look()))
    }

    /// Runs `look` on up to `most` sessions that are in memory, as this node has heard of them. Rooms
    /// too busy to answer in time are left out.
    pub async fn survey<R: Send + 'static>(
        &self,
        most: usize,
        look: fn(SessionId, &Look<'_, M>) -> R,
    ) -> Vec<R> {
        let doors: Vec<_> = {
            let slots = self.slots();
            let open = slots.iter().filter_map(|(id, slot)| {
                let requests = slot.get()?.requests.clone();
                Some((*id, requests))
            });
            open.take(most).collect()
        };
        let asked: Vec<_> = doors
            .into_iter()
            .filter_map(|(session, requests)| {
                let (tell, told) = oneshot::channel();
                let view: View<M> = Box::new(move |seen| {
                    let _ = tell.send(seen.map(|seen| look(session, &seen)));
                });
                let asked = requests.try_send(Request::View(view, Freshness::Heard));
                asked.ok().map(|()| told)
            })
            .collect();
        let limit = Instant::now() + SURVEY_PATIENCE;
        let mut seen = Vec::with_capacity(asked.len());
        for told in asked {
            if let Ok(Ok(Ok(answer))) = timeout_at(limit, told).await {
                seen.push(answer);
            }
        }
        seen
    }

    /// Has the session's room act on its deadline if that is due, and brings it into memory for it.
    ///
    /// # Errors
    /// As [`Directory::view`].
    pub async fn wake(self: &Arc<Self>, session: SessionId) -> Result<(), Error<M>> {
        self.ask(session, Request::Wake).await
    }
}
