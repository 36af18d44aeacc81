use super::*;
use flow::Tls;
use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
};

fn client(allowed: &str) -> Client {
    rustls::crypto::ring::default_provider().install_default().ok();
    Client::new(allowed.parse().unwrap(), false).unwrap()
}

fn get(url: impl Into<String>, timeout_ms: u64) -> Request {
    Request {
        method: "GET".into(),
        url: url.into(),
        headers: Vec::new(),
        body: Vec::new(),
        timeout: Duration::from_millis(timeout_ms),
        tls: Tls::default(),
    }
}

/// Listens on the loopback, and treats each connection so.
async fn listen<F: Future<Output = ()> + Send>(
    treat: impl Fn(TcpStream) -> F + Send + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            assert!(stream.read(&mut [0; 4_096]).await.unwrap() > 0, "a request comes");
            treat(stream).await;
        }
    });
    addr
}

async fn answering(answer: &'static str) -> SocketAddr {
    listen(move |mut stream| async move {
        stream.write_all(answer.as_bytes()).await.ok();
    })
    .await
}

async fn send(client: Client, request: Request) -> Result<Response, Failure> {
    client.send(Address::read(&request.url)?, request, None).await
}

async fn failure(request: Request) -> Failure {
    send(client("127.0.0.0/8"), request).await.unwrap_err()
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let addr = answering(
        "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 2\r\n\r\nno",
    )
    .await;
    let answer = send(client("127.0.0.0/8"), get(format!("http://{addr}/"), 5_000)).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (302, b"no".as_slice()));
}

#[tokio::test]
async fn the_time_limit_includes_the_body() {
    let addr = listen(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nslow").await.ok();
        tokio::time::sleep(Duration::from_secs(60)).await;
    })
    .await;
    let failure = failure(get(format!("http://{addr}/"), 200)).await;
    assert_eq!((failure.class, failure.limit), (FailureClass::Timeout, Some(200)));
    assert_eq!(failure.host.as_deref(), Some("127.0.0.1"));
}

#[tokio::test]
async fn an_endless_body_is_cut_off() {
    let addr = listen(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.ok();
        while stream.write_all(&[b'x'; 65_536]).await.is_ok() {}
    })
    .await;
    let answer = send(client("127.0.0.0/8"), get(format!("http://{addr}/"), 30_000)).await.unwrap();
    assert_eq!((answer.status, answer.body.len(), answer.cut), (200, 1 << 20, true));
}

#[tokio::test]
async fn a_refused_and_a_broken_connection_are_told_apart_from_an_answer() {
    // Held, so that nobody else gets it.
    let held = TcpSocket::new_v4().unwrap();
    held.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let free = held.local_addr().unwrap();
    let refused = failure(get(format!("http://{free}/"), 5_000)).await;
    assert_eq!(
        (refused.class, refused.detail.as_str()),
        (FailureClass::Connect, "connection refused")
    );
    let addr = listen(|stream| async move { drop(stream) }).await;
    assert_eq!(failure(get(format!("http://{addr}/"), 5_000)).await.class, FailureClass::Connect);
    let plain = answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let tls = failure(get(format!("https://127.0.0.1:{}/", plain.port()), 5_000)).await;
    assert_eq!(tls.class, FailureClass::Tls, "{tls}");
}

#[tokio::test]
async fn a_name_that_leads_to_the_loopback_is_refused_unless_it_is_admitted() {
    let addr = answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let url = format!("http://localhost:{}/", addr.port());
    let refused = send(client(""), get(&url, 5_000)).await.unwrap_err();
    assert_eq!(refused.class, FailureClass::ForbiddenTarget, "{refused}");
    assert!(send(client("localhost"), get(&url, 5_000)).await.is_ok());
    let elsewhere = format!("localhost:{}", addr.port() - 1);
    assert!(send(client(&elsewhere), get(&url, 5_000)).await.is_err());
    for url in ["http://127.1/", "http://0x7f000001/", "http://[::1]/", "http://2130706433/"] {
        let refused = send(client(""), get(url, 5_000)).await.unwrap_err();
        assert_eq!(refused.class, FailureClass::ForbiddenTarget, "{url}");
    }
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_told_as_such() {
    for allowed in ["", "nowhere.invalid"] {
        let unresolved =
            send(client(allowed), get("http://nowhere.invalid/", 10_000)).await.unwrap_err();
        assert_eq!(unresolved.class, FailureClass::Dns, "{unresolved}");
    }
}
