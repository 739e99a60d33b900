//! One member of a room, whatever the dialect.

use std::time::Instant;

use anyhow::Result;

use super::agenda::{Act, Shown};
use super::poker::Player;
use super::signal::Page;
use super::sync::Viewer;

/// A connected member.
pub(crate) enum Member {
    Poker(Box<Player>),
    Signal(Box<Page>),
    Sync(Box<Viewer>),
}

impl Member {
    /// Takes a step; its effect comes back as it does to everybody.
    pub(crate) async fn take(&mut self, act: Act) -> Result<()> {
        match self {
            Self::Poker(player) => player.take(act).await,
            Self::Signal(page) => page.take(act).await,
            Self::Sync(viewer) => {
                viewer.switch();
                Ok(())
            }
        }
    }

    /// What is shown next; may be dropped while it waits.
    pub(crate) async fn next(&mut self) -> Result<Shown> {
        match self {
            Self::Poker(player) => player.next().await,
            Self::Signal(page) => page.next().await,
            Self::Sync(viewer) => viewer.next().await,
        }
    }

    /// Whether nothing that this member has begun forbids a step for now.
    pub(crate) fn is_free(&self) -> bool {
        match self {
            Self::Poker(_) | Self::Signal(_) => true,
            Self::Sync(viewer) => viewer.is_free(),
        }
    }

    /// When this member may take a step, if it has to wait for that.
    pub(crate) fn rests_until(&self, act: Act) -> Option<Instant> {
        let until = match self {
            Self::Signal(page) => page.rests_until(act),
            Self::Poker(_) | Self::Sync(_) => None,
        };
        until.filter(|it| *it > Instant::now())
    }
}
