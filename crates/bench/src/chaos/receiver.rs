//! A receiver that can be as unruly as a network is, and notes every request in order of arrival.
//! It speaks HTTP by hand, since no server library lets itself be used this badly.

use super::Event;
use crate::Result;
use serde::Deserialize;
use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::sleep,
};

/// What a good answer is.
const GOOD: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{\"ok\":true}";
const ENDLESS: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n";
const FAILED: &[u8] = b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n";
/// Between two bytes of an answer that drips, of which there are about a hundred.
const DRIP: Duration = Duration::from_millis(4);
/// Between two bytes of an answer that drips longer than anybody waits.
const SLOW_DRIP: Duration = Duration::from_millis(500);

/// How a request is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Manner {
    Well,
    Fails,
    DripsHeaders,
    DripsHeadersTooLong,
    DripsBody,
    DripsBodyTooLong,
    NeverAnswers,
    Resets,
    /// A good status, and a body that does not end.
    Endless,
}

impl Manner {
    /// Whether it goes on for longer than a request may take.
    fn runs_out_of_time(self) -> bool {
        matches!(self, Self::DripsHeadersTooLong | Self::DripsBodyTooLong | Self::NeverAnswers)
    }
}

/// A request that arrived.
#[derive(Debug, Clone)]
pub struct Arrival {
    pub webhook_id: String,
    pub event: Event,
    pub at: Instant,
    pub manner: Manner,
    /// When the last byte of a good answer was about to be written.
    pub answered: Option<Instant>,
}

impl Arrival {
    /// When it was answered well, unless nobody waited for that answer any more: its sender may send
    /// it again, since it cannot know.
    pub fn heard(&self) -> Option<Instant> {
        self.answered.filter(|_| !self.manner.runs_out_of_time())
    }
}

/// Decides how a request is answered, by its event and by how often its `webhook-id` came before.
pub type Temper = Arc<dyn Fn(Event, usize) -> Manner + Send + Sync>;

/// A receiver on the loopback.
pub struct Receiver {
    pub addr: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Seen {
    arrivals: Vec<Arrival>,
    /// How often each `webhook-id` came.
    times: HashMap<String, usize>,
}

#[derive(Deserialize)]
struct Body {
    call: u64,
    #[serde(deserialize_with = "number_or_text")]
    key: u64,
}

/// A number, also as a variable that was set holds it.
fn number_or_text<'de, D: serde::Deserializer<'de>>(from: D) -> std::result::Result<u64, D::Error> {
    let value = serde_json::Value::deserialize(from)?;
    let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
    number.ok_or_else(|| serde::de::Error::custom(format!("{value} is no key")))
}

impl Receiver {
    /// Listens.
    pub async fn start(temper: Temper) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let addr = listener.local_addr()?;
        let seen = Arc::<Mutex<Seen>>::default();
        let kept = seen.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).ok();
                let (kept, temper) = (kept.clone(), temper.clone());
                // A connection that breaks is what this is about.
                tokio::spawn(async move { serve(stream, &kept, &temper).await.ok() });
            }
        });
        Ok(Self { addr, seen, task })
    }

    /// What has arrived, in order.
    pub fn arrivals(&self) -> Vec<Arrival> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).arrivals.clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, seen: &Mutex<Seen>, temper: &Temper) -> Result<()> {
    let mut read = Vec::new();
    while let Some((webhook_id, body)) = request(&mut stream, &mut read).await? {
        let event = Event { call: body.call, number: body.key };
        let (place, manner) = {
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            let times = seen.times.entry(webhook_id.clone()).or_default();
            let manner = temper(event, *times);
            *times += 1;
            let at = Instant::now();
            seen.arrivals.push(Arrival { webhook_id, event, at, manner, answered: None });
            (seen.arrivals.len() - 1, manner)
        };
        let Some(answered) = answer(&mut stream, manner).await? else { return Ok(()) };
        if manner != Manner::Fails {
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.arrivals[place].answered = Some(answered);
        }
    }
    Ok(())
}

/// The next request of a connection: its `webhook-id` and its body.
async fn request(stream: &mut TcpStream, read: &mut Vec<u8>) -> Result<Option<(String, Body)>> {
    loop {
        if let Some(end) = read.windows(4).position(|part| part == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&read[..end]).into_owned();
            let header = |name: &str| {
                head.lines().find_map(|line| {
                    let (key, value) = line.split_once(':')?;
                    key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
                })
            };
            let length: usize = header("content-length").ok_or("no length")?.parse()?;
            if read.len() >= end + 4 + length {
                let body = serde_json::from_slice(&read[end + 4..end + 4 + length])?;
                read.drain(..end + 4 + length);
                return Ok(Some((header("webhook-id").unwrap_or_default(), body)));
            }
        }
        if stream.read_buf(read).await? == 0 {
            return Ok(None);
        }
    }
}

/// Answers; when the answer was about to be whole, if the connection goes on.
async fn answer(stream: &mut TcpStream, manner: Manner) -> Result<Option<Instant>> {
    let head = GOOD.len() - 11;
    match manner {
        Manner::Well => drip(stream, GOOD, GOOD.len(), DRIP).await.map(Some),
        Manner::Fails => drip(stream, FAILED, FAILED.len(), DRIP).await.map(Some),
        Manner::DripsHeaders => drip(stream, GOOD, 0, DRIP).await.map(Some),
        Manner::DripsHeadersTooLong => drip(stream, GOOD, 0, SLOW_DRIP).await.map(Some),
        Manner::DripsBody => drip(stream, GOOD, head, DRIP).await.map(Some),
        Manner::DripsBodyTooLong => drip(stream, GOOD, head, SLOW_DRIP).await.map(Some),
        Manner::NeverAnswers => {
            // Until the other side gives up.
            while stream.read(&mut [0; 64]).await? > 0 {}
            Ok(None)
        }
        Manner::Resets => {
            // Closed with nothing lingering, a connection ends by a reset.
            stream.set_zero_linger()?;
            Ok(None)
        }
        Manner::Endless => {
            stream.write_all(ENDLESS).await?;
            let chunk = [b"10000\r\n".as_slice(), &[b'x'; 0x1_0000], b"\r\n"].concat();
            loop {
                stream.write_all(&chunk).await?;
            }
        }
    }
}

/// Writes an answer at once up to a place, and from there byte by byte; when the last write began.
async fn drip(
    stream: &mut TcpStream,
    answer: &[u8],
    from: usize,
    pause: Duration,
) -> Result<Instant> {
    let mut begun = Instant::now();
    stream.write_all(&answer[..from]).await?;
    for byte in &answer[from..] {
        sleep(pause).await;
        begun = Instant::now();
        stream.write_all(std::slice::from_ref(byte)).await?;
    }
    Ok(begun)
}
