//! The secrets that this node has got, so that a Redis which has lost them gets them back: a node
//! that came later would otherwise make others, and not believe what its neighbours have signed.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;

use super::link::Link;
use crate::store::StoreError;

/// What is known, by key.
#[derive(Default)]
pub(super) struct Secrets(Mutex<HashMap<String, Bytes>>);

impl Secrets {
    /// Remembers a secret.
    pub(super) fn keep(&self, key: String, secret: Bytes) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key, secret);
    }

    /// Stores what is missing.
    pub(super) async fn put_back(&self, link: &Link) -> Result<(), StoreError> {
        let known = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        for (key, secret) in known {
            let missing: bool = link.ask(&redis::Cmd::set_nx(key, secret.as_ref())).await?;
            if missing {
                tracing::warn!("Redis had lost a secret of this installation");
            }
        }
        Ok(())
    }
}
