//! What is asked of the system for every stream.

use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpSocket, TcpStream};

/// Silence after which the system asks whether the peer's machine is still there, and how often.
const KEEPALIVE_TIME: Duration = Duration::from_secs(60);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(15);
/// Kernel memory for what a peer has not read yet; without a bound it grows to megabytes.
const SEND_BUFFER_BYTES: usize = 256 * 1024;
/// Whether streams have what their listener was told, so that none has to be told: five system calls
/// for each that comes in.
const INHERITED: bool = cfg!(target_os = "linux");

/// Tunes a socket that is to listen.
pub(super) fn listening(socket: &TcpSocket) {
    tune(&SockRef::from(socket));
}

/// Tunes a stream that has come in.
pub(super) fn accepted(stream: &TcpStream) {
    if !INHERITED {
        tune(&SockRef::from(stream));
    }
}

/// Every option only makes things better; a socket that refuses one still works.
fn tune(socket: &SockRef<'_>) {
    let _ = socket.set_tcp_nodelay(true);
    let _ = socket.set_send_buffer_size(SEND_BUFFER_BYTES);
    let probes = TcpKeepalive::new()
        .with_time(KEEPALIVE_TIME)
        .with_interval(KEEPALIVE_INTERVAL);
    let _ = socket.set_tcp_keepalive(&probes);
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::listen::bind;

    #[tokio::test]
    async fn every_stream_that_comes_in_is_tuned() {
        let listener = bind((Ipv4Addr::LOCALHOST, 0).into()).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (_client, (stream, _)) =
            tokio::try_join!(TcpStream::connect(address), listener.accept()).expect("a stream");
        accepted(&stream);
        let socket = SockRef::from(&stream);
        assert!(socket.tcp_nodelay().expect("an option"));
        assert!(socket.keepalive().expect("an option"));
        let time = socket.tcp_keepalive_time().expect("an option");
        assert_eq!(time, KEEPALIVE_TIME);
        let interval = socket.tcp_keepalive_interval().expect("an option");
        assert_eq!(interval, KEEPALIVE_INTERVAL);
        // The system counts what it needs to keep the bytes, too.
        let bytes = socket.send_buffer_size().expect("an option");
        assert!((SEND_BUFFER_BYTES..=2 * SEND_BUFFER_BYTES).contains(&bytes));
    }
}
