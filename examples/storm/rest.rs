//! The few REST calls that put people into a room.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

/// How long one call may take, also when a thousand people join at once.
const PATIENCE: Duration = Duration::from_secs(60);

/// The REST interface of one server.
#[derive(Clone)]
pub(crate) struct Rest {
    http: reqwest::Client,
    origin: String,
}

/// A player's place in a session, and the token that proves it.
#[derive(Clone, Debug)]
pub(crate) struct Seat {
    session: String,
    player: String,
    token: String,
}

impl Seat {
    /// The body of the CONNECT packet.
    pub(crate) fn auth(&self) -> Value {
        json!({ "sessionId": self.session, "playerId": self.player, "token": self.token })
    }

    /// The player's id, which votes name him by.
    pub(crate) fn player(&self) -> &str {
        &self.player
    }
}

impl Rest {
    pub(crate) fn new(address: SocketAddr) -> Result<Self> {
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE);
        Ok(Self {
            http: http.build()?,
            origin: format!("http://{address}/api"),
        })
    }

    /// Opens a session; the seat is the host's.
    pub(crate) async fn open_session(&self) -> Result<Seat> {
        let body = json!({ "name": "Storm", "hostName": "Host" });
        let data = call(self.http.post(self.path("/sessions")).json(&body)).await?;
        Ok(Seat {
            session: text(&data, "/session/id")?,
            player: text(&data, "/session/hostId")?,
            token: text(&data, "/hostToken")?,
        })
    }

    /// Adds a player to the host's session.
    pub(crate) async fn join(&self, host: &Seat, name: &str) -> Result<Seat> {
        let path = self.path(&format!("/sessions/{}/join", host.session));
        let body = json!({ "playerName": name });
        let data = call(self.http.post(path).json(&body)).await?;
        Ok(Seat {
            session: host.session.clone(),
            player: text(&data, "/playerId")?,
            token: text(&data, "/token")?,
        })
    }

    /// Adds a story, which becomes the one that is voted on.
    pub(crate) async fn add_story(&self, host: &Seat, title: &str) -> Result<()> {
        let path = self.path(&format!("/sessions/{}/stories", host.session));
        let request = self.http.post(path).bearer_auth(&host.token);
        call(request.json(&json!({ "title": title }))).await?;
        Ok(())
    }

    /// How many players the session of a seat has.
    pub(crate) async fn players(&self, seat: &Seat) -> Result<u64> {
        let path = self.path(&format!("/sessions/{}", seat.session));
        let data = call(self.http.get(path)).await?;
        let players = data["playerCount"].as_u64();
        players.context("a session without a number of players")
    }

    fn path(&self, rest: &str) -> String {
        format!("{}{rest}", self.origin)
    }
}

/// The `data` of a successful answer.
async fn call(request: RequestBuilder) -> Result<Value> {
    let response = request.send().await?;
    let (status, path) = (response.status(), response.url().path().to_owned());
    let body = response.text().await?;
    ensure!(status.is_success(), "{path} answered {status}: {body}");
    let mut body: Value = serde_json::from_str(&body)?;
    Ok(body["data"].take())
}

fn text(data: &Value, pointer: &str) -> Result<String> {
    let found = data.pointer(pointer).and_then(Value::as_str);
    let found = found.with_context(|| format!("an answer has no {pointer}"))?;
    Ok(found.to_owned())
}
