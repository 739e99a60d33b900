//! What only Redis can promise: to be shared, to be lost and found again.

mod server;

pub(crate) use server::Server;
