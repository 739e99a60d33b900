//! Listening sockets with room for everybody who comes at once.

use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket};

use super::tuning;

/// Connections that wait to be accepted, as far as the system allows. When a room full of clients
/// comes back at the same moment, each one over this waits a second for its next attempt.
const BACKLOG: u32 = 4096;

/// Listens on an address.
///
/// # Errors
/// The address cannot be had.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // A server that starts again finds the old one's last connections still closing.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    tuning::listening(&socket);
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpStream};
    use std::time::Duration;

    use super::*;

    /// More than the 128 that Rust's own listeners have room for.
    const CLIENTS: usize = 500;
    /// Less than the second after which a system tries again.
    const PATIENCE: Duration = Duration::from_millis(900);

    #[tokio::test]
    async fn hundreds_of_clients_connect_before_anybody_is_accepted() {
        let listener = bind((Ipv4Addr::LOCALHOST, 0).into()).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let connect = |_| TcpStream::connect_timeout(&address, PATIENCE);
        let connected: io::Result<Vec<_>> = (0..CLIENTS).map(connect).collect();
        assert_eq!(connected.expect("room for all of them").len(), CLIENTS);
    }
}
