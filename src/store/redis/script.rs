//! The scripts: each does one thing to one log, or to one index, at one moment.

use std::sync::LazyLock;

use redis::Script;

macro_rules! scripts {
    ($($name:ident = $file:literal;)+) => {$(
        pub(super) static $name: LazyLock<Script> =
            LazyLock::new(|| Script::new(include_str!($file)));
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
