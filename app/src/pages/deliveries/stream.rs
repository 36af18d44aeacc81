//! Server-sent events in the browser.

use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{EventSource, MessageEvent};

/// A stream of events, until it is dropped. The browser connects again where it is cut off, unless
/// it was refused.
pub(super) struct Stream {
    source: EventSource,
    _hear: Closure<dyn Fn(MessageEvent)>,
    _miss: Closure<dyn Fn()>,
}

impl Stream {
    /// Opens the stream at an address. `hear` is given the data of each event and its place; `miss` is
    /// called when the stream is cut off or does not come about.
    pub fn open(
        url: &str,
        hear: impl Fn(String, String) + 'static,
        miss: impl Fn() + 'static,
    ) -> Option<Self> {
        let source = EventSource::new(url).ok()?;
        let hear = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
            hear(message.data().as_string().unwrap_or_default(), message.last_event_id());
        });
        let miss = Closure::<dyn Fn()>::new(miss);
        source.set_onmessage(Some(hear.as_ref().unchecked_ref()));
        source.set_onerror(Some(miss.as_ref().unchecked_ref()));
        Some(Self { source, _hear: hear, _miss: miss })
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.source.set_onmessage(None);
        self.source.set_onerror(None);
        self.source.close();
    }
}
