//! A TLS server on the loopback, for tests.

use rustls::{ServerConfig, ServerConnection};
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    sync::Arc,
};

/// Answers each connection so when it has read a request, and closes it.
pub fn serve(config: ServerConfig, answer: &'static [u8]) -> SocketAddr {
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        while let Ok((mut socket, _)) = listener.accept() {
            let Ok(mut tls) = ServerConnection::new(config.clone()) else { return };
            let mut stream = rustls::Stream::new(&mut tls, &mut socket);
            // Whoever does not trust it, or is not trusted, goes away.
            if stream.read(&mut [0; 4_096]).is_ok_and(|read| read > 0) {
                _ = stream.write_all(answer);
                stream.conn.send_close_notify();
                _ = stream.flush();
            }
        }
    });
    addr
}
