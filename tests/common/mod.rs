//! A real server on free ports.

use std::time::Duration;

use clap::Parser;
use roundtable::config::Config;
use roundtable::server::Server;

/// How long anything may take.
pub(crate) const DEADLINE: Duration = Duration::from_secs(15);

/// Starts a server with an in-memory store and these flags.
pub(crate) async fn serve(flags: &[&str]) -> Server {
    let fixed = [
        "roundtable",
        "--listen",
        "127.0.0.1:0",
        "--ops-listen",
        "127.0.0.1:0",
    ];
    let store = ["--store", "memory:"];
    let config = Config::parse_from(fixed.into_iter().chain(store).chain(flags.iter().copied()));
    Server::start(config).await.expect("the server starts")
}

/// The value of a metric without labels.
pub(crate) async fn metric(server: &Server, name: &str) -> f64 {
    let address = server.ops_address().expect("probes are served");
    let text = reqwest::get(format!("http://{address}/metrics"))
        .await
        .expect("an answer");
    let text = text.text().await.expect("a text");
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{name} ")));
    line.unwrap_or_else(|| panic!("no {name} in {text}"))
        .parse()
        .expect("a number")
}
