//! Echoes: commands on keys and channels of others. One server carries them out within the append;
//! in a cluster their keys are elsewhere, and they follow it.

use redis::{Arg, Cmd, ScriptInvocation};

use super::Redis;
use super::address::Form;
use crate::rules::SessionId;
use crate::store::Echo;

impl Redis {
    /// Where one server has all keys, has a script carry the echoes out: adds their commands to its
    /// arguments, each behind the number of its words.
    pub(super) fn add_echoes(&self, call: &mut ScriptInvocation<'_>, echoes: &[Echo]) {
        if self.form == Form::Cluster {
            return;
        }
        for command in echoes.iter().map(command) {
            let words = command.args_iter().filter_map(|word| match word {
                Arg::Simple(word) => Some(word),
                _ => None,
            });
            let words: Vec<&[u8]> = words.collect();
            call.arg(words.len()).arg(words);
        }
    }

    /// Has a cluster follow an append. What fails is made up for by the next append.
    pub(super) async fn echo_append(&self, session: SessionId, echoes: &[Echo]) {
        if self.form == Form::Single {
            return;
        }
        for echo in echoes {
            // One after the other, for they are to be seen in this order.
            if let Err(error) = self.link.ask::<()>(&command(echo)).await {
                tracing::debug!(%session, error = &error as &dyn std::error::Error, "could not echo an append");
                return;
            }
        }
    }
}

fn command(echo: &Echo) -> Cmd {
    match echo {
        Echo::Set { key, value, life } => {
            let mut set = Cmd::set(key, value);
            let millis = u64::try_from(life.as_millis()).unwrap_or(u64::MAX);
            set.arg("PX").arg(millis);
            set
        }
        Echo::Delete { key } => Cmd::del(key),
        Echo::Publish { channel, message } => Cmd::publish(channel, message),
    }
}
