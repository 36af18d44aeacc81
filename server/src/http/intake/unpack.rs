//! Unpacking bodies that were sent compressed.

use super::{refusal::Refusal, too_large};
use crate::http::problem::ApiProblem;
use axum::{
    body::Bytes,
    http::{HeaderMap, StatusCode, header::CONTENT_ENCODING},
};
use flate2::bufread::MultiGzDecoder;
use std::io::{self, Read};

/// The header that says what is unpacked.
pub const ACCEPT_ENCODING: (&str, &str) = ("accept-encoding", "gzip, zstd");

/// The largest window that a body packed by zstd may need, as a power of two: 8 MiB, to which
/// RFC 9659 holds senders. Without a limit a few bytes could claim 128 MiB of memory.
const ZSTD_WINDOW_LOG: u32 = 23;

/// How a body is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Not at all.
    Identity,
    Gzip,
    Zstd,
}

impl Encoding {
    /// The encoding that the headers tell.
    ///
    /// # Errors
    /// When it is none that is unpacked here, or there are several.
    pub fn of(headers: &HeaderMap) -> Result<Self, Refusal> {
        let given = headers.get_all(CONTENT_ENCODING).into_iter();
        let given = given.flat_map(|value| value.to_str().unwrap_or("unreadable").split(','));
        let given: Vec<_> = given
            .map(|word| word.trim().to_ascii_lowercase())
            .filter(|word| !word.is_empty() && word != "identity")
            .collect();
        match given.as_slice() {
            [] => Ok(Self::Identity),
            // RFC 9110, section 8.4.1.3: the old name means the same.
            [one] if one == "gzip" || one == "x-gzip" => Ok(Self::Gzip),
            [one] if one == "zstd" => Ok(Self::Zstd),
            [one] => Err(Refusal::unread(
                format!("bodies packed as {one} are not unpacked here; gzip and zstd are"),
                ACCEPT_ENCODING,
            )),
            many => Err(Refusal::unread(
                format!("a body is packed once, as gzip or as zstd, not as {}", many.join(", ")),
                ACCEPT_ENCODING,
            )),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

/// Unpacks a body, on a thread that may take its time.
///
/// # Errors
/// When more than `max` bytes come out, at once and not at the end; when the data are broken.
pub async fn unpack(encoding: Encoding, body: Bytes, max: usize) -> Result<Bytes, ApiProblem> {
    let unpacked = match encoding {
        Encoding::Identity if body.len() > max => Err(Packed::Larger),
        Encoding::Identity => return Ok(body),
        _ => tokio::task::spawn_blocking(move || inflate(encoding, &body, max))
            .await
            .unwrap_or_else(|error| Err(Packed::Broken(io::Error::other(error)))),
    };
    unpacked.map(Bytes::from).map_err(|why| match why {
        Packed::Larger => too_large(),
        Packed::Broken(error) => ApiProblem::new(
            StatusCode::BAD_REQUEST,
            format!("the body cannot be unpacked as {}: {error}", encoding.name()),
        ),
    })
}

/// Why a body cannot be unpacked.
#[derive(Debug)]
enum Packed {
    /// More comes out than may.
    Larger,
    Broken(io::Error),
}

fn inflate(encoding: Encoding, body: &[u8], max: usize) -> Result<Vec<u8>, Packed> {
    match encoding {
        Encoding::Identity => at_most(body, max),
        Encoding::Gzip => at_most(MultiGzDecoder::new(body), max),
        Encoding::Zstd => {
            let decoder = zstd::Decoder::with_buffer(body).and_then(|mut decoder| {
                decoder.window_log_max(ZSTD_WINDOW_LOG)?;
                Ok(decoder)
            });
            at_most(decoder.map_err(Packed::Broken)?, max)
        }
    }
}

/// Reads to the end, but no further than one byte past the limit.
fn at_most(reader: impl Read, max: usize) -> Result<Vec<u8>, Packed> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
    reader.take(limit).read_to_end(&mut bytes).map_err(Packed::Broken)?;
    if bytes.len() > max { Err(Packed::Larger) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests;
