//! A room full of people lets commands gather for a moment, so that what they lead to reaches everybody
//! in one write: beside that, all other work of a command is little. The more there is to tell, the longer
//! the moment: in a storm it is what a screen needs to show something new.

use std::time::Duration;

use tokio::time::{self, Instant};

use super::Room;
use crate::room::Dispatched;
use crate::rules::Machine;

/// A room with so many connections is full.
const CROWD: usize = 50;
/// Shortest time between two writes to all of them.
const TICK: Duration = Duration::from_millis(5);
/// The same after so much was told at once that it is a storm.
const STORM_TICK: Duration = Duration::from_millis(16);
const STORM_MESSAGES: usize = 3;

impl<M: Machine> Room<M> {
    /// Tells everybody what was published.
    pub(super) fn dispatch(&mut self) {
        let (session, began) = (self.replica.session(), Instant::now());
        let told = self.around.deliveries.iter();
        let told = told.map(|delivery| delivery.dispatch(session));
        let told = told.fold(Dispatched::default(), |sum, it| Dispatched {
            messages: sum.messages.max(it.messages),
            connections: sum.connections + it.connections,
        });
        if told.connections >= CROWD {
            self.not_told_before = began + tick_after(told.messages);
        }
    }

    /// Waits until a crowd may be told something again; requests gather meanwhile.
    pub(super) async fn gather(&mut self) {
        if self.not_told_before > Instant::now() {
            time::sleep_until(self.not_told_before).await;
        }
    }
}

fn tick_after(messages: usize) -> Duration {
    if messages >= STORM_MESSAGES {
        STORM_TICK
    } else {
        TICK
    }
}
