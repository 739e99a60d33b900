//! What monitors ask, and where clients report their errors.

use serde_json::{Value, json};

use super::answers::{ReportsTaken, ServerHealth, SocketHealth, SocketStats, StoreHealth, refusal};
use super::requests::ErrorReport;
use super::{SERVICE, usual};
use crate::http::docs::{Body, Operation, Schemas};

pub(super) fn operations() -> Vec<Operation> {
    vec![health(), store(), stats(), sockets(), errors()]
}

fn health() -> Operation {
    probe("/api/health", "Whether the server can work")
        .answers(200, "It can.", Schemas::named::<ServerHealth>)
        .answers(503, "It cannot.", Schemas::named::<ServerHealth>)
}

fn store() -> Operation {
    probe("/api/health/db", "Whether the store answers")
        .answers(200, "It does.", Schemas::named::<StoreHealth>)
        .answers(503, "It does not.", Schemas::named::<StoreHealth>)
}

fn stats() -> Operation {
    let stats = Operation::get("/api/websocket/stats", "Who is connected");
    usual(stats)
        .of(SERVICE)
        .answers(200, "Counts.", Schemas::named::<SocketStats>)
        .answers(
            503,
            "The server is shutting down.",
            Schemas::named::<SocketStats>,
        )
}

fn sockets() -> Operation {
    let sockets = Operation::get("/api/websocket/health", "Whether sockets are served");
    usual(sockets)
        .of(SERVICE)
        .answers(200, "They are.", Schemas::named::<SocketHealth>)
        .answers(503, "They are not.", Schemas::named::<SocketHealth>)
}

fn errors() -> Operation {
    Operation::post("/api/errors", "Report errors of a client")
        .explain("One report or an array of them; whatever comes is taken.")
        .of(SERVICE)
        .takes(Body::Optional, reports)
        .answers(200, "Always.", Schemas::named::<ReportsTaken>)
}

fn reports(schemas: &mut Schemas) -> Value {
    let one = schemas.named::<ErrorReport>();
    json!({ "oneOf": [one, { "type": "array", "items": one }] })
}

/// Probes are never refused for their number.
fn probe(path: &'static str, summary: &str) -> Operation {
    Operation::get(path, summary)
        .of(SERVICE)
        .answers(400, "It has a body, and that is malformed JSON.", refusal)
        .answers(413, "It has a body of more than 100 KiB.", refusal)
}
