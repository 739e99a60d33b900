//! A room full of people lets commands gather for a moment, so that what they lead to reaches everybody
//! in one write: beside that, all other work of a command is little.

use std::time::Duration;

use tokio::time::{self, Instant};

use super::Room;
use crate::rules::Machine;

/// A room with so many connections is full.
const CROWD: usize = 50;
/// Shortest time between two writes to all of them.
const TICK: Duration = Duration::from_millis(5);

impl<M: Machine> Room<M> {
    /// Tells everybody what was published.
    pub(super) fn dispatch(&mut self) {
        let (session, began) = (self.replica.session(), Instant::now());
        let told = self.around.deliveries.iter();
        let told: usize = told.map(|delivery| delivery.dispatch(session)).sum();
        if told >= CROWD {
            self.not_told_before = began + TICK;
        }
    }

    /// Waits until a crowd may be told something again; requests gather meanwhile.
    pub(super) async fn gather(&mut self) {
        if self.not_told_before > Instant::now() {
            time::sleep_until(self.not_told_before).await;
        }
    }
}
