use super::*;
use axum::body::Body;
use std::{io::Error, net::SocketAddr, sync::Arc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::Notify,
    task::JoinHandle,
    time::timeout,
};

/// Over soon.
const SHORT: Patience =
    Patience { head: Duration::from_millis(20), body: Duration::from_millis(20), slowest: 1 };

/// Serves; the second stops it.
async fn served(router: Router, patience: Patience) -> (SocketAddr, Arc<Notify>, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let addr = listener.local_addr().expect("an address");
    let stop = Arc::new(Notify::new());
    let until = stop.clone();
    let until = async move { until.notified().await };
    let serving = tokio::spawn(serve(listener, router, patience, until));
    (addr, stop, serving)
}

async fn say(addr: SocketAddr, said: &str) -> TcpStream {
    let mut stream = TcpStream::connect(addr).await.expect("a connection");
    stream.write_all(said.as_bytes()).await.expect("heard");
    stream
}

/// All that is answered until the connection is closed.
async fn heard(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let read = timeout(Duration::from_secs(60), stream.read_to_end(&mut answer)).await;
    read.expect("closed").expect("closed in order");
    String::from_utf8(answer).expect("text")
}

fn posting() -> Router {
    Router::new().fallback(|body: String| async move { body })
}

#[tokio::test]
async fn whoever_does_not_say_what_they_want_is_not_waited_for() {
    let (addr, ..) = served(posting(), SHORT).await;
    for said in ["", "POST / HTTP/1.1\r\nhost: a\r\n"] {
        let mut stream = say(addr, said).await;
        assert_eq!(heard(&mut stream).await, "", "{said:?}");
    }
}

#[tokio::test]
async fn a_connection_on_which_nothing_follows_is_closed() {
    let (addr, ..) = served(posting(), Patience { head: SHORT.head, ..Patience::default() }).await;
    let request = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nhi";
    let answer = heard(&mut say(addr, request).await).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("hi"), "{answer}");
}

#[tokio::test]
async fn a_body_that_stops_coming_is_answered_with_408() {
    let (addr, ..) = served(posting(), Patience { body: SHORT.body, ..Patience::default() }).await;
    let request = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhel";
    let answer = heard(&mut say(addr, request).await).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("nothing of the body came for"), "{answer}");
}

#[tokio::test]
async fn a_body_that_comes_in_drops_is_answered_with_408() {
    let patience =
        Patience { body: Duration::from_millis(200), slowest: 1_000, ..Patience::default() };
    let (addr, ..) = served(posting(), patience).await;
    let head = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\n";
    let (mut reading, mut writing) = say(addr, head).await.into_split();
    // Each drop comes in time; all of them would take an hour.
    let dripping = tokio::spawn(async move {
        while writing.write_all(b"drop").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let mut answer = [0; 12];
    let read = timeout(Duration::from_secs(60), reading.read_exact(&mut answer)).await;
    read.expect("answered").expect("answered in order");
    assert_eq!(&answer, b"HTTP/1.1 408");
    dripping.await.expect("told that nobody listens");
}

#[tokio::test]
async fn who_is_refused_in_the_middle_of_a_body_hears_the_answer() {
    let refusing = Router::new().fallback(async || (StatusCode::FORBIDDEN, "no"));
    let (addr, ..) = served(refusing, Patience::default()).await;
    const MANY: usize = 16 << 20;
    let head = format!("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {MANY}\r\n\r\n");
    let mut stream = say(addr, &head).await;
    // All of it can be said before anything is heard.
    stream.write_all(&vec![b'x'; MANY]).await.expect("listened to");
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .await
        .expect("heard");
    let answers = heard(&mut stream).await;
    assert_eq!(answers.matches("HTTP/1.1 403").count(), 2, "{answers}");
}

#[tokio::test]
async fn a_body_that_is_not_wanted_is_not_asked_for() {
    let refusing = Router::new().fallback(async || (StatusCode::FORBIDDEN, "no"));
    let (addr, ..) = served(refusing, Patience::default()).await;
    let head = "POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n";
    let answer = heard(&mut say(addr, head).await).await;
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
}

#[tokio::test]
async fn who_listens_is_not_taken_for_silent() {
    let go = Arc::new(Notify::new());
    let wait = go.clone();
    let slow = move || async move {
        let last = futures::stream::once(async move {
            wait.notified().await;
            Ok::<_, Error>("at last")
        });
        Body::from_stream(last)
    };
    let (addr, ..) = served(Router::new().fallback(slow), SHORT).await;
    let mut listening = say(addr, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    // Who comes later and is silent is sent away before.
    for _ in 0..3 {
        assert_eq!(heard(&mut say(addr, "").await).await, "");
    }
    go.notify_one();
    let answer = heard(&mut listening).await;
    assert!(answer.contains("at last"), "{answer}");
}

#[tokio::test]
async fn when_it_stops_what_is_under_way_is_answered_and_what_idles_is_closed() {
    let (came, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (tell, wait) = (came.clone(), go.clone());
    let waits = move || async move {
        tell.notify_one();
        wait.notified().await;
        "done"
    };
    let (addr, stop, serving) = served(Router::new().fallback(waits), Patience::default()).await;
    let mut idle = say(addr, "").await;
    let mut asked = say(addr, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    came.notified().await;
    stop.notify_one();
    assert_eq!(heard(&mut idle).await, "");
    assert!(!serving.is_finished());
    go.notify_one();
    let answer = heard(&mut asked).await;
    assert!(answer.ends_with("done"), "{answer}");
    serving.await.expect("ended");
    assert!(TcpStream::connect(addr).await.is_err());
}

#[tokio::test]
async fn whether_the_other_side_is_still_there_is_asked() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let addr = listener.local_addr().expect("an address");
    let stream = TcpStream::connect(addr).await.expect("a connection");
    keep_asking(&stream).expect("asked");
    let socket = SockRef::from(&stream);
    assert!(socket.keepalive().expect("an option"));
    assert_eq!(socket.tcp_keepalive_time().expect("an option"), ASKED_AFTER);
    #[cfg(target_os = "linux")]
    assert_eq!(socket.tcp_user_timeout().expect("an option"), Some(TAKEN_MAX));
}
