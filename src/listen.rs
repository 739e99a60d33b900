//! Listeners: accept, guard and serve streams; let them finish, or cut them, at the end.

mod bind;
mod tuning;
mod unread;

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use ipnet::IpNet;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::wire::connection::{Care, Guarded, Line, Peer};

pub use self::bind::bind;

/// Time a client may take to send a request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Time a client may take between two pieces of a request's body.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// Most bytes of a request's head.
const MAX_HEAD_BYTES: usize = 64 * 1024;
/// Pause after the system refused to accept, for want of file descriptors mostly.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The streams that are open now.
type Live = Mutex<HashMap<u64, Weak<Line>>>;

/// What all listeners share.
#[derive(Debug)]
pub struct Lines {
    live: Arc<Live>,
    next: AtomicU64,
    max: usize,
    trusted: Vec<IpNet>,
    care: Care,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Lines {
    /// No streams yet; at most `max` at a time, looked after like this.
    #[must_use]
    pub fn new(max: usize, trusted: Vec<IpNet>, care: Care) -> Self {
        Self {
            live: Arc::default(),
            next: AtomicU64::new(0),
            max,
            trusted,
            tasks: care.tasks.clone(),
            care,
            stop: CancellationToken::new(),
        }
    }

    /// Accepts and serves streams until [`Lines::stop`].
    pub async fn serve(self: Arc<Self>, listener: TcpListener, app: Router) {
        while let Some(accepted) = self.stop.run_until_cancelled(listener.accept()).await {
            match accepted {
                Ok((stream, address)) => self.clone().admit(stream, address, app.clone()),
                Err(error) => {
                    tracing::warn!(%error, "could not accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    fn admit(self: Arc<Self>, stream: TcpStream, address: SocketAddr, app: Router) {
        if lock(&self.live).len() >= self.max {
            tracing::warn!(max = self.max, "refused a connection over the limit");
            return;
        }
        tuning::accepted(&stream);
        let lines = self.clone();
        self.tasks
            .spawn(async move { lines.converse(stream, address.ip(), app).await });
    }

    async fn converse(&self, stream: TcpStream, address: IpAddr, app: Router) {
        let line = self.register();
        let stream = Guarded::new(stream, line.clone());
        let service = service_fn(|request: Request<Incoming>| {
            app.clone().oneshot(self.introduce(request, address, &line))
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .max_buf_size(MAX_HEAD_BYTES)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        let mut connection = std::pin::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = self.stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended badly");
        }
    }

    fn register(&self) -> Arc<Line> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let entry = Entry {
            id,
            live: self.live.clone(),
        };
        let line = Arc::new(Line::with(self.care.clone(), entry));
        lock(&self.live).insert(id, Arc::downgrade(&line));
        line
    }

    /// Tells the request who sends it.
    fn introduce(
        &self,
        request: Request<Incoming>,
        address: IpAddr,
        line: &Arc<Line>,
    ) -> Request<Body> {
        let mut request = request.map(|body| unread::finished(body, BODY_TIMEOUT));
        let peer = Peer(forwarded(address, request.headers(), &self.trusted));
        request.extensions_mut().insert(peer);
        request.extensions_mut().insert(line.clone());
        request
    }

    /// Accepts nobody any more and lets requests under way finish.
    pub fn stop(&self) {
        self.stop.cancel();
        self.tasks.close();
    }

    /// Waits until all requests are answered; upgraded streams do not count.
    pub async fn finished(&self) {
        self.tasks.wait().await;
    }

    /// Cuts every stream.
    pub fn cut(&self) {
        // Collected first: the last handle of a line takes it out of the map.
        let lines: Vec<_> = lock(&self.live)
            .values()
            .filter_map(Weak::upgrade)
            .collect();
        lines.iter().for_each(|line| line.cut());
    }
}

/// A stream's place among the open ones; given up with the stream's last handle.
struct Entry {
    id: u64,
    live: Arc<Live>,
}

impl Drop for Entry {
    fn drop(&mut self) {
        lock(&self.live).remove(&self.id);
    }
}

fn lock(live: &Live) -> MutexGuard<'_, HashMap<u64, Weak<Line>>> {
    live.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The address of the client: the last one in `X-Forwarded-For` that is not a trusted proxy's, if
/// the peer is one.
fn forwarded(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| {
        trusted
            .iter()
            .any(|net| net.contains(address) || net.contains(&address.to_canonical()))
    };
    if !is_trusted(&peer) {
        return peer;
    }
    let values = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = values
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    let mut client = peer;
    for hop in hops.iter().rev() {
        let Ok(address) = hop.parse() else { break };
        client = address;
        if !is_trusted(&address) {
            break;
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded_for: &str, trusted: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded_for.parse().expect("a header"));
        let trusted: Vec<IpNet> = vec![trusted.parse().expect("a network")];
        forwarded(peer.parse().expect("an address"), &headers, &trusted).to_string()
    }

    #[test]
    fn a_forwarded_address_is_believed_from_trusted_proxies_only() {
        assert_eq!(client("10.0.0.1", "1.2.3.4", "10.0.0.0/8"), "1.2.3.4");
        assert_eq!(client("9.9.9.9", "1.2.3.4", "10.0.0.0/8"), "9.9.9.9");
    }

    #[test]
    fn what_the_client_itself_claims_is_not_believed() {
        assert_eq!(
            client("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2", "10.0.0.0/8"),
            "1.2.3.4"
        );
        assert_eq!(client("10.0.0.1", "rubbish", "10.0.0.0/8"), "10.0.0.1");
    }
}
