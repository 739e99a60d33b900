//! A whole application behind its edge, and people who call it.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request};
use bytes::Bytes;
use roundtable::http::Dialect;
use roundtable::http::ceilings::Ceilings;
use roundtable::http::cors::{Origins, Sharing};
use roundtable::http::poker::{Census, Occupancy, PokerRest, PokerRestSettings, router};
use roundtable::metrics::Metrics;
use roundtable::room::{Directory, Nodes, RoomLimits, Surroundings};
use roundtable::rules::NodeId;
use roundtable::rules::ids::{PlayerId, SessionId};
use roundtable::rules::poker::{Poker, Policy};
use roundtable::store::Store;
use roundtable::store::memory::Memory;
use roundtable::wire::connection::Peer;
use roundtable::wire::poker::gate::{Auth, Binding, Gate};
use roundtable::wire::poker::token::Tokens;
use serde_json::{Value, json};
use tower::ServiceExt;
use uuid::Uuid;

pub(crate) const ORIGIN: &str = "http://localhost:5173";
/// A well-formed id of nobody and nothing.
pub(crate) const UNKNOWN: &str = "3f6d0c1e-8a2b-4c57-9a3e-5a0c6d9b1f20";
const LEASE: Duration = Duration::from_secs(10);
const MAX_ANSWER_BYTES: usize = 10_000_000;

/// The application, with the parts that tests look behind.
#[derive(Clone)]
pub(crate) struct Desk {
    app: Router,
    pub(crate) gate: Arc<Gate>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn body(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).and_then(|it| it.to_str().ok());
        value.unwrap_or_default()
    }

    /// The `data` of a success with this status.
    #[track_caller]
    pub(crate) fn data(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        let mut body = self.body();
        assert_eq!(body["success"], true, "{}", self.text);
        body["data"].take()
    }

    /// Asserts that this is exactly that refusal.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, error: &str) {
        let expected = json!({ "success": false, "error": error });
        assert_eq!((self.status, self.body()), (status, expected));
    }

    /// Asserts that exactly these fields are reported, as `(field, message, code)`.
    #[track_caller]
    pub(crate) fn invalid<const N: usize>(self, issues: [(&str, &str, &str); N]) {
        let details = issues.map(
            |(field, message, code)| json!({ "field": field, "message": message, "code": code }),
        );
        let expected =
            json!({ "success": false, "error": "Validation failed", "details": details.to_vec() });
        assert_eq!((self.status, self.body()), (400, expected));
    }

    /// Asserts that this is exactly that failure of the infrastructure.
    #[track_caller]
    pub(crate) fn failed(self, status: u16, message: &str) {
        let expected = json!({ "status": "error", "message": message });
        assert_eq!((self.status, self.body()), (status, expected));
    }
}

/// How long a command waits for its store.
pub(crate) const PATIENCE: Duration = Duration::from_millis(50);

fn gate(store: Arc<dyn Store>, auth: Auth) -> Arc<Gate> {
    let rooms: Arc<Directory<Poker>> = Directory::new(Surroundings {
        nodes: Nodes::new(store.clone(), NodeId::new(Uuid::new_v4()), LEASE),
        store,
        deliveries: Vec::new(),
        bridge: None,
        policy: Policy::default(),
        limits: RoomLimits {
            patience: PATIENCE,
            ..RoomLimits::default()
        },
        metrics: Arc::new(Metrics::default()),
    });
    let tokens = Tokens::new(&Bytes::from_static(b"key"), Duration::from_hours(48));
    Arc::new(Gate::new(rooms, tokens, auth, Binding::On))
}

impl Desk {
    pub(crate) async fn open() -> Self {
        Self::with(Auth::Strict, None)
    }

    pub(crate) fn with(auth: Auth, ceilings: Option<Ceilings>) -> Self {
        let census = Box::new(|| {
            Ok(Occupancy {
                connected_sockets: 2,
                total_rooms: 3,
                active_sessions: 1,
                online_players: 2,
            })
        });
        let gate = gate(Arc::new(Memory::default()), auth);
        Self::at(gate, ceilings, census)
    }

    /// On a store and with a census of the test's own.
    pub(crate) fn on(store: Arc<dyn Store>, census: Box<Census>) -> Self {
        Self::at(gate(store, Auth::Strict), None, census)
    }

    fn at(gate: Arc<Gate>, ceilings: Option<Ceilings>, census: Box<Census>) -> Self {
        let settings = PokerRestSettings {
            client_url: ORIGIN.to_owned(),
            environment: "test".to_owned(),
            ceilings,
        };
        let desk = PokerRest::new(gate.clone(), settings, census);
        let origins: Origins = ORIGIN.parse().expect("an origin");
        let app = roundtable::http::edge(
            router(desk),
            Sharing::new((origins.clone(), origins), Dialect::Poker),
        );
        Self { app, gate }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let answer = self.app.clone().oneshot(request).await;
        let (parts, body) = answer.expect("infallible").into_parts();
        let bytes = to_bytes(body, MAX_ANSWER_BYTES).await.expect("a body");
        Reply {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).expect("text"),
        }
    }

    /// Calls as the browser client does, from this address, with this token if it is not empty.
    pub(crate) async fn call(&self, call: (&str, &str), token: &str, body: Value) -> Reply {
        let (method, path) = call;
        let mut request = Request::builder()
            .method(Method::from_bytes(method.as_bytes()).expect("a method"))
            .uri(format!("/api{path}"))
            .header("content-type", "application/json")
            .extension(Peer(IpAddr::from([192, 0, 2, 1])));
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = match body {
            Value::Null => Body::empty(),
            body => Body::from(body.to_string()),
        };
        self.send(request.body(body).expect("a request")).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.call(("GET", path), "", Value::Null).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        self.call(("POST", path), "", body).await
    }

    /// A token for anybody.
    pub(crate) fn token(&self, session: &str, player: &str) -> String {
        let session = SessionId::parse(session).expect("a session's id");
        let player = PlayerId::parse(player).expect("a player's id");
        self.gate.token(session, player, true)
    }
}

/// Somebody with a token.
#[derive(Clone)]
pub(crate) struct Person {
    desk: Desk,
    pub(crate) id: String,
    pub(crate) token: String,
    /// `/sessions/<id>`
    pub(crate) path: String,
}

impl Person {
    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.desk
            .call(("GET", path), &self.token, Value::Null)
            .await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        self.desk.call(("POST", path), &self.token, body).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Reply {
        self.desk.call(("PUT", path), &self.token, body).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        let call = ("DELETE", path);
        self.desk.call(call, &self.token, Value::Null).await
    }

    /// Does something in his own session.
    pub(crate) async fn act(&self, what: &str, body: Value) -> Reply {
        self.post(&format!("{}/{what}", self.path), body).await
    }

    /// Adds a story and returns its id.
    pub(crate) async fn add_story(&self, title: &str) -> String {
        let story = self.act("stories", json!({ "title": title })).await;
        text(&story.data(201)["id"])
    }
}

/// A session with its host and a guest.
pub(crate) struct Team {
    pub(crate) desk: Desk,
    pub(crate) session: String,
    pub(crate) path: String,
    pub(crate) mira: Person,
    pub(crate) jonas: Person,
}

impl Team {
    pub(crate) async fn new() -> Self {
        Self::at(Desk::open().await, json!({})).await
    }

    /// A team at this desk whose session has these further fields.
    pub(crate) async fn at(desk: Desk, fields: Value) -> Self {
        let mut body = json!({ "name": "Sprint 41", "hostName": "Mira", "hostAvatar": "🦊" });
        for (field, value) in fields.as_object().into_iter().flatten() {
            body[field] = value.clone();
        }
        let created = desk.post("/sessions", body).await.data(201);
        let session = text(&created["session"]["id"]);
        let path = format!("/sessions/{session}");
        let mira = Person {
            desk: desk.clone(),
            id: text(&created["session"]["hostId"]),
            token: text(&created["hostToken"]),
            path: path.clone(),
        };
        let join = json!({ "playerName": "Jonas", "password": fields["password"] });
        let join = if fields["password"].is_null() {
            json!({ "playerName": "Jonas" })
        } else {
            join
        };
        let jonas = join_as(&desk, &path, join).await;
        Self {
            desk,
            session,
            path,
            mira,
            jonas,
        }
    }
}

/// Joins over REST.
pub(crate) async fn join_as(desk: &Desk, path: &str, body: Value) -> Person {
    let joined = desk.post(&format!("{path}/join"), body).await.data(200);
    Person {
        desk: desk.clone(),
        id: text(&joined["playerId"]),
        token: text(&joined["token"]),
        path: path.to_owned(),
    }
}

#[track_caller]
pub(crate) fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// Asserts that a value is a moment with three decimals.
#[track_caller]
pub(crate) fn assert_moment(value: &Value) {
    let moment = value.as_str().expect("a moment");
    assert!(
        moment.len() == 24 && moment.as_bytes()[19] == b'.' && moment.ends_with('Z'),
        "{moment}"
    );
}
