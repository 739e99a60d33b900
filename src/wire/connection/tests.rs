use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

const PATIENCE: Duration = Duration::from_secs(20);
const SWITCH: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n";
/// More than the buffers of a stream between two sockets of one machine hold.
const FLOOD_BYTES: usize = 32 << 20;

async fn guarded() -> (Guarded, Arc<Line>, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("it is bound");
    let (far, near) = tokio::join!(TcpStream::connect(address), listener.accept());
    let care = Care {
        patience: PATIENCE,
        waiting: 3,
        ..Care::default()
    };
    let line = Arc::new(Line::with(care, ()));
    let (near, _) = near.expect("somebody connects");
    (
        Guarded::new(near, line.clone()),
        line,
        far.expect("it connects"),
    )
}

/// A stream that carries a WebSocket whose peer has read the answer to its request.
async fn upgraded() -> (Guarded, Arc<Line>, TcpStream) {
    let (mut stream, line, mut far) = guarded().await;
    stream.write_all(SWITCH).await.expect("the peer is there");
    read(&mut far, SWITCH.len()).await;
    (stream, line, far)
}

async fn read(far: &mut TcpStream, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    let read = timeout(PATIENCE, far.read_exact(&mut bytes)).await;
    read.expect("in time").expect("so many bytes");
    bytes
}

fn frame(text: &str) -> Bytes {
    Bytes::from(boundary::text_frame(&[text]))
}

#[tokio::test]
async fn a_cut_wakes_the_reader() {
    let (mut stream, line, _far) = guarded().await;
    let reading = tokio::spawn(async move { stream.read_u8().await });
    tokio::task::yield_now().await;
    line.cut();
    reading
        .await
        .expect("no panic")
        .expect_err("the line is cut");
}

#[tokio::test]
async fn a_held_line_reads_nothing_until_it_is_released() {
    let (mut stream, line, mut far) = guarded().await;
    line.hold();
    far.write_u8(7).await.expect("there is room");
    let mut byte = [0];
    let early = futures_util::poll!(Box::pin(stream.read(&mut byte)));
    assert!(early.is_pending());
    line.release();
    assert_eq!(stream.read_u8().await.expect("a byte is there"), 7);
}

#[tokio::test]
async fn a_line_without_a_websocket_takes_no_frames() {
    let (mut stream, line, _far) = guarded().await;
    assert_eq!(line.write(&frame("42[]")), Err(NotTaken::Early));
    stream
        .write_all(b"HTTP/1.1 200 OK\r\n\r\n")
        .await
        .expect("the peer is there");
    assert_eq!(line.write(&frame("42[]")), Err(NotTaken::Early));
}

#[tokio::test]
async fn frames_of_others_go_out_between_those_of_the_websocket() {
    let (mut stream, line, mut far) = upgraded().await;
    let (own, other) = (frame("40{}"), frame("42[\"e\"]"));
    stream
        .write_all(&own[..3])
        .await
        .expect("the peer is there");
    line.write(&other).expect("it is taken");
    stream
        .write_all(&own[3..])
        .await
        .expect("the peer is there");
    let sent = read(&mut far, own.len() + other.len()).await;
    assert_eq!(sent, [own, other].concat());
}

#[tokio::test]
async fn a_first_ping_is_answered_for_the_peer_unless_it_has_spoken() {
    let (ping, pong) = (frame("2"), *b"\x81\x81\0\0\0\x003");
    let (stream, _line, mut far) = upgraded().await;
    let mut stream = stream.answering_first_ping();
    let both = [ping.clone(), frame("40{}")].concat();
    stream.write_all(&both).await.expect("the peer is there");
    assert_eq!(read_once(&mut far).await, frame("40{}"));
    far.write_all(b"more").await.expect("there is room");
    let mut read = [0; 11];
    stream.read_exact(&mut read).await.expect("so many bytes");
    assert_eq!(read[..7], pong);
    assert_eq!(read[7..], *b"more");
    stream.write_all(&ping).await.expect("the peer is there");
    assert_eq!(read_once(&mut far).await, ping);

    let (stream, _line, mut far) = upgraded().await;
    let mut stream = stream.answering_first_ping();
    far.write_u8(7).await.expect("there is room");
    assert_eq!(stream.read_u8().await.expect("a byte is there"), 7);
    stream.write_all(&ping).await.expect("the peer is there");
    assert_eq!(read_once(&mut far).await, ping);
}

#[tokio::test]
async fn an_answer_to_a_first_ping_wakes_the_reader() {
    let (stream, _line, _far) = upgraded().await;
    let (mut reading, mut writing) = tokio::io::split(stream.answering_first_ping());
    let reading = tokio::spawn(async move { reading.read_u8().await });
    tokio::task::yield_now().await;
    writing.write_all(&frame("2")).await.expect("it is taken");
    let read = timeout(PATIENCE, reading).await.expect("in time");
    assert_eq!(read.expect("no panic").expect("an answer"), 0x81);
}

#[tokio::test]
async fn nothing_is_written_before_what_was_entrusted() {
    let (mut stream, line, _far) = upgraded().await;
    let later = frame("42[\"later\"]");
    line.entrust();
    assert_eq!(line.write(&later), Err(NotTaken::Early));
    let message = frame("42[]");
    stream
        .write_all(&message[..2])
        .await
        .expect("the peer is there");
    assert_eq!(line.write(&later), Err(NotTaken::Early));
    stream
        .write_all(&message[2..])
        .await
        .expect("the peer is there");
    assert_eq!(line.write(&later), Ok(()));
    line.entrust();
    assert_eq!(line.write(&later), Err(NotTaken::Early));
    line.distrust();
    assert_eq!(line.write(&later), Ok(()));
}

/// An upgraded stream whose peer has not been sent the answer to its request.
async fn kept_back() -> (Guarded, Arc<Line>, TcpStream) {
    let (mut stream, line, far) = guarded().await;
    line.keep_back();
    stream.write_all(SWITCH).await.expect("the peer is there");
    let error = far.try_read(&mut [0]).expect_err("nothing was sent");
    assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    (stream, line, far)
}

/// What arrives with one read.
async fn read_once(far: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1024);
    let read = timeout(PATIENCE, far.read_buf(&mut bytes)).await;
    read.expect("in time").expect("something to read");
    bytes
}

#[tokio::test]
async fn what_is_kept_back_leaves_with_the_owner_s_next_write() {
    let (mut stream, line, mut far) = kept_back().await;
    let (first, second) = (frame("0{}"), frame("40{}"));
    stream.write_all(&first).await.expect("the peer is there");
    assert_eq!(read_once(&mut far).await, [SWITCH, &first].concat());
    stream.write_all(&second).await.expect("the peer is there");
    assert_eq!(read_once(&mut far).await, second);
    let other = frame("42[\"e\"]");
    line.write(&other).expect("it is taken");
    assert_eq!(read_once(&mut far).await, other);
}

#[tokio::test]
async fn what_is_kept_back_leaves_with_the_frames_of_others() {
    let (stream, line, mut far) = kept_back().await;
    let (first, second) = (frame("42[1]"), frame("42[2]"));
    line.write(&first).expect("it is taken");
    assert_eq!(read_once(&mut far).await, [SWITCH, &first].concat());
    line.write(&second).expect("it is taken");
    assert_eq!(read_once(&mut far).await, second);
    drop(stream);
}

#[tokio::test]
async fn what_is_kept_back_for_nothing_leaves_at_the_end() {
    let (stream, _line, mut far) = kept_back().await;
    drop(stream);
    assert_eq!(read_once(&mut far).await, SWITCH);
    let (mut stream, _line, mut far) = kept_back().await;
    stream.shutdown().await.expect("the peer is there");
    assert_eq!(read_once(&mut far).await, SWITCH);
}

#[tokio::test]
async fn what_is_kept_back_comes_first_and_whole_also_if_the_peer_is_slow() {
    let (mut stream, line, mut far) = upgraded().await;
    let (flood, next) = (frame(&"x".repeat(FLOOD_BYTES)), frame("40{}"));
    line.keep_back();
    stream.write_all(&flood).await.expect("it is kept");
    let both = [flood, next.clone()].concat();
    let after = next.clone();
    let writing = tokio::spawn(async move {
        stream.write_all(&next).await.expect("the peer reads");
        stream
    });
    assert!(read(&mut far, both.len()).await == both);
    let _stream = writing.await.expect("no panic");
    line.write(&after).expect("it is taken");
    assert_eq!(read(&mut far, after.len()).await, after);
}

#[tokio::test]
async fn what_is_kept_back_waits_with_the_frames_of_others_for_a_slow_peer() {
    let (mut stream, line, mut far) = upgraded().await;
    let (flood, other) = (frame(&"x".repeat(FLOOD_BYTES)), frame("42[]"));
    line.keep_back();
    stream.write_all(&flood).await.expect("it is kept");
    line.write(&other).expect("it is taken");
    line.write(&other).expect("it is taken");
    let all = [flood, other.clone(), other].concat();
    assert!(read(&mut far, all.len()).await == all);
}

#[tokio::test]
async fn what_a_slow_peer_has_not_read_waits_in_order_up_to_a_bound() {
    let (mut stream, line, mut far) = upgraded().await;
    let flood = frame(&"x".repeat(FLOOD_BYTES));
    line.write(&flood).expect("it is taken");
    line.write(&frame("second")).expect("it is taken");
    line.write(&frame("third")).expect("it is taken");
    assert_eq!(line.write(&frame("fourth")), Err(NotTaken::Full));
    let last = frame("2");
    let writing = tokio::spawn(async move {
        stream.write_all(&last).await.expect("the peer reads");
        stream
    });
    read(&mut far, flood.len()).await;
    let rest = [frame("second"), frame("third"), frame("2")].concat();
    assert_eq!(read(&mut far, rest.len()).await, rest);
    let _stream = writing.await.expect("no panic");
    line.write(&frame("fifth")).expect("there is room again");
    assert_eq!(read(&mut far, frame("fifth").len()).await, frame("fifth"));
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_does_not_read_what_its_websocket_sends_is_cut() {
    let (mut stream, line, _far) = guarded().await;
    let flood = vec![0; FLOOD_BYTES];
    stream.write_all(&flood).await.expect_err("nobody reads");
    assert!(line.is_cut());
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_does_not_read_what_others_send_is_cut() {
    let (mut stream, line, _far) = upgraded().await;
    line.write(&frame(&"x".repeat(FLOOD_BYTES)))
        .expect("it is taken");
    let mut byte = [0];
    let ended = stream.read(&mut byte).await;
    assert!(ended.is_err(), "{ended:?}");
    assert!(line.is_cut());
}

#[tokio::test]
async fn a_cut_frees_a_stream_whose_peer_does_not_read() {
    let (stream, line, mut far) = upgraded().await;
    line.write(&frame(&"x".repeat(FLOOD_BYTES)))
        .expect("it is taken");
    line.cut();
    drop(stream);
    let mut all = Vec::new();
    // Ends, in whatever way, because nobody holds the stream any more.
    let _ = timeout(PATIENCE, far.read_to_end(&mut all))
        .await
        .expect("in time");
    line.care.tasks.close();
    timeout(PATIENCE, line.care.tasks.wait())
        .await
        .expect("no task is left");
    assert_eq!(line.write(&frame("late")), Err(NotTaken::Gone));
}
