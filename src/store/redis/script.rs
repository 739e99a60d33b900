//! The scripts: each does one thing to one log, or to one index, at one moment.
//!
//! Every answer bears the mark of its call, so that nobody ever takes the answer to something else
//! for his own: over a connection that many use, the client library can only count.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use redis::{Script, ScriptInvocation, Value};

macro_rules! scripts {
    ($($name:ident = $file:literal;)+) => {$(
        pub(super) static $name: LazyLock<Script> = LazyLock::new(|| {
            Script::new(concat!(
                // The script itself knows nothing of the mark, which comes behind its arguments.
                "local mark = table.remove(ARGV)\nlocal function answer()\n",
                include_str!($file),
                "\nend\nreturn {mark, answer()}",
            ))
        });
    )+};
}

scripts! {
    APPEND = "append.lua";
    READ = "read.lua";
    FOLD = "fold.lua";
    FORGET = "forget.lua";
    DUE = "due.lua";
    RESCHEDULE = "reschedule.lua";
    RENEW = "renew.lua";
    HIT = "hit.lua";
}

/// What the answer to one call bears.
pub(super) struct Mark(String);

impl Mark {
    /// Marks a call that has all its arguments.
    pub(super) fn put_on(call: &mut ScriptInvocation<'_>) -> Self {
        static CALLS: AtomicU64 = AtomicU64::new(0);
        let mark = CALLS.fetch_add(1, Ordering::Relaxed).to_string();
        call.arg(&mark);
        Self(mark)
    }

    /// The answer without the mark; nothing if it is not that to the call.
    pub(super) fn take_off(&self, marked: Value) -> Option<Value> {
        let [mark, answer] = marked.into_sequence().ok()?.try_into().ok()?;
        let Value::BulkString(mark) = mark else {
            return None;
        };
        (mark == self.0.as_bytes()).then_some(answer)
    }
}
