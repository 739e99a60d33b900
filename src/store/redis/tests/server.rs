//! A Redis of the test's own, which dies with it.

use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::ops::Range;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::store::redis::Redis;

const BINARY: &str = "/usr/bin/redis-server";
/// One that takes longer to start does not start at all.
const DEADLINE: Duration = Duration::from_secs(20);

/// Below those that systems give to outgoing connections, of which the tests have many.
const PORTS: Range<u16> = 12_000..32_000;

/// A running server on a port of its own, with its files in a directory of its own.
pub(crate) struct Server {
    process: Child,
    home: TempDir,
    pub(crate) port: u16,
    options: Vec<String>,
}

impl Server {
    /// A server that forgets everything when it stops.
    pub(crate) fn start() -> Self {
        Self::with(&["--save", "", "--appendonly", "no"])
    }

    /// A cluster of one server, which has all slots.
    pub(crate) async fn cluster() -> Self {
        let bus = free_port().to_string();
        let options = [
            "--save",
            "",
            "--cluster-enabled",
            "yes",
            "--cluster-port",
            &bus,
        ];
        let server = Self::with(&options);
        let slots = ["CLUSTER", "ADDSLOTSRANGE", "0", "16383"];
        server.command(&slots).await;
        let deadline = Instant::now() + DEADLINE;
        while !format!("{:?}", server.command(&["CLUSTER", "INFO"]).await).contains("state:ok") {
            assert!(Instant::now() < deadline, "the cluster does not form");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        server
    }

    /// A server with these options.
    pub(crate) fn with(options: &[&str]) -> Self {
        let home = tempfile::tempdir().expect("a temporary directory");
        let options: Vec<String> = options.iter().map(|&it| it.to_owned()).collect();
        let port = free_port();
        let mut process = spawn(home.path(), port, &options);
        let up = answers(&mut process, port, Instant::now() + DEADLINE);
        assert!(up, "the server does not start");
        Self {
            process,
            home,
            port,
            options,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// A store in it.
    pub(crate) async fn store(&self) -> Redis {
        let url = self.url().parse().expect("an address");
        Redis::connect(url).await.expect("the server runs")
    }

    /// A store in it as a cluster.
    pub(crate) async fn cluster_store(&self) -> Redis {
        let url = format!("redis-cluster://127.0.0.1:{}", self.port);
        let url = url.parse().expect("an address");
        Redis::connect(url).await.expect("the cluster runs")
    }

    /// Sends one command over a connection of its own.
    pub(crate) async fn command(&self, words: &[&str]) -> redis::Value {
        let client = redis::Client::open(self.url()).expect("an address");
        let connection = client.get_multiplexed_async_connection().await;
        let mut connection = connection.expect("a connection");
        let mut command = redis::cmd(words[0]);
        words[1..].iter().for_each(|word| {
            command.arg(*word);
        });
        let answer = command.query_async(&mut connection).await;
        answer.expect("an answer")
    }

    /// Sends the process a signal.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.process.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// Stops it as a power cut does.
    pub(crate) fn kill(&mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it ends");
    }

    /// Starts it again with the files it has left.
    pub(crate) fn restart(&mut self) {
        self.process = spawn(self.home.path(), self.port, &self.options);
        let up = answers(&mut self.process, self.port, Instant::now() + DEADLINE);
        assert!(up, "the server does not start again");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A port that stays this process's own until it ends, also while the server at it is down: other processes of the
/// tests see it taken by its UDP side.
fn free_port() -> u16 {
    let own = |port| {
        let claim = UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).ok()?;
        TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()?;
        std::mem::forget(claim);
        Some(port)
    };
    PORTS.clone().find_map(own).expect("a free port")
}

fn spawn(home: &Path, port: u16, options: &[String]) -> Child {
    assert!(Path::new(BINARY).exists(), "the tests need {BINARY}");
    let mut command = Command::new(BINARY);
    command
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--dir"])
        .arg(home)
        .args(options)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let process = command.spawn().expect("the server starts");
    watch_over(process.id(), home);
    process
}

/// Leaves somebody behind who kills the server when this process is gone, however it went.
fn watch_over(server: u32, home: &Path) {
    let home = home.display();
    // By its directory it is told from whatever else may have got its number.
    let script = format!(
        r#"cat >/dev/null; [ "$(readlink /proc/{server}/cwd)" = "{home}" ] && kill -KILL {server}"#
    );
    let watcher = Command::new("sh")
        .args(["-c", &script])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    // Its standard input is open for as long as this process lives.
    std::mem::forget(watcher.expect("a shell"));
}

/// Whether it takes connections before the deadline; false if it has ended.
fn answers(process: &mut Child, port: u16, deadline: Instant) -> bool {
    while Instant::now() < deadline {
        if process.try_wait().expect("its status").is_some() {
            return false;
        }
        if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("{BINARY} does not answer on port {port}");
}
