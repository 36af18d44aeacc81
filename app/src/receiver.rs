//! What the sample's receiver was sent: kept in memory for the panel's Receiver page.

use model::time::Millis;
use serde::{Deserialize, Serialize};

/// A request that the sample's receiver got, and what it answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceivedRequest {
    /// Counts the requests since the start, from 1; given by the log.
    pub number: u64,
    pub at: Millis,
    pub method: String,
    /// With the query, if there was one.
    pub path: String,
    pub headers: Vec<(String, String)>,
    /// As text; invalid UTF-8 replaced.
    pub body: String,
    /// The status that was answered.
    pub status: u16,
}

#[cfg(feature = "ssr")]
pub use log::ReceiverLog;

#[cfg(feature = "ssr")]
mod log {
    use super::ReceivedRequest;
    use std::{
        collections::VecDeque,
        sync::{Arc, Mutex, PoisonError},
    };

    /// How many requests are kept.
    const KEPT: usize = 200;

    /// The last 200 requests. Cheap to clone; every clone sees the same.
    #[derive(Debug, Clone, Default)]
    pub struct ReceiverLog {
        inner: Arc<Mutex<Kept>>,
    }

    #[derive(Debug, Default)]
    struct Kept {
        count: u64,
        /// Newest first.
        requests: VecDeque<ReceivedRequest>,
    }

    impl ReceiverLog {
        /// Keeps a request and gives it its number; the oldest goes when there are too many.
        pub fn push(&self, mut request: ReceivedRequest) {
            let mut kept = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
            kept.count += 1;
            request.number = kept.count;
            kept.requests.push_front(request);
            kept.requests.truncate(KEPT);
        }

        /// The newest requests, newest first, whose path, headers or body hold the text in any
        /// letter case.
        pub fn latest(&self, search: &str) -> Vec<ReceivedRequest> {
            let wanted = search.trim().to_lowercase();
            let holds = |text: &str| text.to_lowercase().contains(&wanted);
            let kept = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
            let found = kept.requests.iter().filter(|request| {
                wanted.is_empty()
                    || holds(&request.path)
                    || holds(&request.method)
                    || holds(&request.body)
                    || request.headers.iter().any(|(name, value)| holds(name) || holds(value))
            });
            found.cloned().collect()
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use model::time::Millis;

        fn request(path: &str) -> ReceivedRequest {
            ReceivedRequest {
                number: 0,
                at: Millis(0),
                method: "POST".into(),
                path: path.into(),
                headers: Vec::new(),
                body: String::new(),
                status: 200,
            }
        }

        #[test]
        fn the_newest_two_hundred_are_kept_newest_first() {
            let log = ReceiverLog::default();
            for n in 1..=201 {
                log.push(request(&format!("/{n}")));
            }
            let all = log.latest("");
            assert_eq!(all.len(), 200);
            assert_eq!((all[0].number, all[0].path.as_str()), (201, "/201"));
            assert_eq!(all[199].path, "/2");
            assert_eq!(log.latest("/201").len(), 1);
        }
    }
}
