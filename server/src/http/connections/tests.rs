use super::*;
use axum::{
    body::Body,
    routing::{get, post},
};
use std::{io::Error, net::SocketAddr, sync::Arc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::Notify,
    task::JoinHandle,
    time::{sleep, timeout},
};

const HOUR: Duration = Duration::from_secs(3_600);

/// Serves; the second stops it.
async fn served(router: Router) -> (SocketAddr, Arc<Notify>, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let addr = listener.local_addr().expect("an address");
    let stop = Arc::new(Notify::new());
    let until = stop.clone();
    let serving = tokio::spawn(serve(listener, router, async move { until.notified().await }));
    (addr, stop, serving)
}

async fn say(addr: SocketAddr, said: &str) -> TcpStream {
    let mut stream = TcpStream::connect(addr).await.expect("a connection");
    stream.write_all(said.as_bytes()).await.expect("heard");
    stream
}

/// All that is answered until the connection is closed, which takes less than two hours.
async fn heard(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let read = timeout(2 * HOUR, stream.read_to_end(&mut answer)).await;
    read.expect("closed").expect("closed in order");
    String::from_utf8(answer).expect("text")
}

fn posting() -> Router {
    Router::new().route("/", post(|body: String| async move { body }))
}

#[tokio::test(start_paused = true)]
async fn whoever_does_not_say_what_they_want_is_not_waited_for() {
    let (addr, ..) = served(posting()).await;
    for said in ["", "POST / HTTP/1.1\r\nhost: a\r\n"] {
        let mut stream = say(addr, said).await;
        assert_eq!(heard(&mut stream).await, "", "{said:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_on_which_nothing_follows_is_closed() {
    let (addr, ..) = served(posting()).await;
    let request = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nhi";
    let answer = heard(&mut say(addr, request).await).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("hi"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_stops_coming_is_answered_with_408_and_a_slow_one_is_taken() {
    let (addr, ..) = served(posting()).await;
    let head = "POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 5\r\n\r\n";
    let answer = heard(&mut say(addr, &format!("{head}hel")).await).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.ends_with("\"nothing of the body came for 30 s\"}"), "{answer}");

    let mut stream = say(addr, head).await;
    for letter in ["h", "e", "l", "l", "o"] {
        sleep(expected::SILENT_MAX - Duration::from_secs(1)).await;
        stream.write_all(letter.as_bytes()).await.expect("heard");
    }
    let answer = heard(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("hello"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn what_is_said_slowly_to_who_listens_is_said_to_the_end() {
    let slow = || async {
        let once = futures::stream::once(async {
            sleep(HOUR).await;
            Ok::<_, Error>("at last")
        });
        Body::from_stream(once)
    };
    let (addr, ..) = served(Router::new().route("/", get(slow))).await;
    let request = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let answer = heard(&mut say(addr, request).await).await;
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
    let (addr, stop, serving) = served(Router::new().route("/", get(waits))).await;
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
    assert!(sockopt::socket_keepalive(&stream).expect("an option"));
    assert_eq!(sockopt::tcp_keepidle(&stream).expect("an option"), ASKED_AFTER);
}
