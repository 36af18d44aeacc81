//! Sessions of the panel: a cookie that names a row of the database.

use super::Services;
use async_trait::async_trait;
use model::time::Millis;
use std::{collections::HashMap, fmt, sync::Arc};
use storage::Storage;
use tower_sessions::{
    Expiry, Session, SessionManagerLayer, SessionStore,
    cookie::{
        SameSite,
        time::{Duration, OffsetDateTime},
    },
    session::{Id, Record},
    session_store::{Error, Result},
};

/// How long a session lives without being used.
const INACTIVE_DAYS: i64 = 14;

/// The name of the session's cookie. The prefix, which browsers hold to https, the whole host and
/// no subdomain, goes only with https.
pub fn cookie_name(https: bool) -> &'static str {
    if https { "__Host-offhook" } else { "offhook" }
}

/// Gives every request its session.
pub fn layer(services: &Services) -> SessionManagerLayer<Sessions> {
    let https = services.public_url.is_https();
    SessionManagerLayer::new(Sessions(services.storage.clone()))
        .with_name(cookie_name(https))
        .with_secure(https)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(Duration::days(INACTIVE_DAYS)))
}

/// The session as it is kept now: one that goes with a request knows only how it was then.
pub fn anew(services: &Services, session: &Session) -> Session {
    Session::new(session.id(), Arc::new(Sessions(services.storage.clone())), None)
}

/// Sessions, kept where everything else is.
#[derive(Clone)]
pub struct Sessions(Arc<dyn Storage>);

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions")
    }
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let (data, ends) = (encode(record)?, ends(record));
        while !self.0.insert_session(&record.id.to_string(), &data, ends).await.map_err(failed)? {
            record.id = Id::default();
        }
        Ok(())
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let data = encode(record)?;
        self.0.put_session(&record.id.to_string(), &data, ends(record)).await.map_err(failed)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let now = millis(OffsetDateTime::now_utc());
        let found = self.0.session(&id.to_string(), now).await.map_err(failed)?;
        let Some((data, ends)) = found else { return Ok(None) };
        let data: HashMap<_, _> =
            serde_json::from_slice(&data).map_err(|error| Error::Decode(error.to_string()))?;
        let expiry_date = OffsetDateTime::from_unix_timestamp(ends.0.div_euclid(1_000))
            .map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.0.delete_session(&id.to_string()).await.map_err(failed)
    }
}

fn encode(record: &Record) -> Result<Vec<u8>> {
    serde_json::to_vec(&record.data).map_err(|error| Error::Encode(error.to_string()))
}

fn ends(record: &Record) -> Millis {
    millis(record.expiry_date)
}

fn millis(at: OffsetDateTime) -> Millis {
    Millis(at.unix_timestamp().saturating_mul(1_000))
}

fn failed(error: storage::StorageError) -> Error {
    Error::Backend(error.to_string())
}
