//! Bodies that a route does not read are read to their end all the same, up to a bound. Otherwise
//! the connection has to be reset under a client that is still sending, and neither it nor a proxy
//! in between ever sees the answer.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use http_body_util::BodyExt;
use hyper::body::{Frame, Incoming, SizeHint};
use tokio::time::timeout;
use tower_http::timeout::TimeoutBody;

/// Most bytes that are read for nobody.
const MAX_UNREAD_BYTES: usize = 2 * 1024 * 1024;
/// How long a client may take to send them.
const PATIENCE: Duration = Duration::from_secs(5);

/// A body whose parts come within `gap` of each other, and that is read to its end.
pub(super) fn finished(body: Incoming, gap: Duration) -> Body {
    if body.is_end_stream() {
        return Body::empty();
    }
    Body::new(TimeoutBody::new(gap, Finished(Some(body))))
}

/// A body; what is left of it when it is dropped is read in the background.
struct Finished(Option<Incoming>);

impl HttpBody for Finished {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some(body) = &mut self.0 else {
            return Poll::Ready(None);
        };
        let frame = Pin::new(body).poll_frame(cx);
        if let Poll::Ready(None | Some(Err(_))) = frame {
            self.0 = None;
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let body = self.0.as_ref();
        body.map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

impl Drop for Finished {
    fn drop(&mut self) {
        let Some(body) = self.0.take().filter(|body| !body.is_end_stream()) else {
            return;
        };
        if body.size_hint().lower() <= MAX_UNREAD_BYTES as u64 {
            tokio::spawn(timeout(PATIENCE, read(body)));
        }
    }
}

/// Reads until the end, an error, or the bound.
async fn read(mut body: Incoming) {
    let mut left = MAX_UNREAD_BYTES;
    while let Some(Ok(frame)) = body.frame().await {
        let bytes = frame.data_ref().map_or(0, Bytes::len);
        let Some(rest) = left.checked_sub(bytes) else {
            return;
        };
        left = rest;
    }
}
