//! `offhook serve`: panel, API and engine until SIGTERM or Ctrl-C.

use super::{chores, sample::RECEIVER_FACT};
use crate::{
    config::Config,
    http::{
        self, Services,
        connections::{self, Patience},
    },
    receiver::{self, ReceiverError},
};
use admin::{Admin, AdminError, Cancelling, Running};
use app::receiver::ReceiverLog;
use engine::Engine;
use model::{
    delivery::Overlay,
    live::{Live, NodeView},
    node::NodeRoles,
    user::Actor,
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::{
    error::Error, io::ErrorKind, net::SocketAddr, num::NonZeroU32, sync::Arc, time::Duration,
};
use storage::{Use, copy::check_ended, journal::Unfinished, key::Key};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
    time::{Instant, timeout},
};

/// How long attempts and answers that are under way may take at the end.
const GRACE: Duration = Duration::from_secs(10);
/// How long answers may take when all attempts have ended.
const ANSWERED: Duration = Duration::from_millis(500);

/// With fewer files than that, a hundred senders and receivers at once bring it to a stop.
const FILES_MIN: u64 = 1_024;

/// Serves until it is told to stop.
pub async fn run(config: Config) -> Result<(), Box<dyn Error>> {
    open_many_files();
    let storage = storage::open(&config.database_url).await?;
    config.check_roles(storage.is_shared())?;
    // Two engines on a file, or a copy beside an engine, would do everything twice.
    let _claim = storage.claim(Use::Serve).await?;
    // Before anything runs, so that a port in use stops the start and nothing else.
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", config.listen))?;
    for name in storage.migrate().await? {
        tracing::info!(migration = name, "applied");
    }
    check_ended(&*storage).await?;
    let key = Key::of_file(&config.key_file, &*storage).await?;
    let (stop, stopping) = watch::channel(false);
    // The sample's receiver outlives the engine, whose last attempts may call it.
    let (drained, receiving) = watch::channel(false);
    let mut settings = engine::Settings { key: Some(key.clone()), ..config.engine() };
    let receiver = match storage.fact(RECEIVER_FACT).await? {
        Some(addr) => {
            settings.allow_targets.add(&addr)?;
            // What it gets is shown in the panel of its process.
            match config.roles.panel {
                true => start_receiver(&addr, receiving, storage.is_shared()).await?,
                false => None,
            }
        }
        None => None,
    };
    let (engine, tasks) = Engine::start(storage.clone(), settings).await?;
    let admin = Admin::new(
        storage.clone(),
        Arc::new(EngineRuns {
            engine: engine.clone(),
            roles: config.roles,
            log_days: config.log_days,
        }),
    )
    .with_key(key);
    greet(&admin, &config).await?;
    let (engine_of, until) = (engine.clone(), stopping.clone());
    let services = Services::new(admin, engine_of, storage.clone(), receiver, &config, until);
    let chores = chores::begin(&storage, &config);
    let (router, patience) = (http::router(services), Patience::default());
    // Until what runs has ended, whoever comes is told by 503 to go elsewhere.
    let until = until_stopped(drained.subscribe());
    let served = tokio::spawn(connections::serve(listener, router, patience, until));
    told_to_stop().await?;
    let told = Instant::now();
    tracing::info!("stopping: nothing new begins, what runs may end");
    stop.send_replace(true);
    for chore in chores {
        chore.abort();
    }
    engine.stop(tasks, GRACE).await;
    drained.send_replace(true);
    // Answers under way have the same time; connections that idle are not waited for.
    timeout(GRACE.saturating_sub(told.elapsed()).max(ANSWERED), served).await.ok();
    tracing::info!("stopped");
    Ok(())
}

/// Lets this process open as many files as it may: each connection is one. What a shell or a service
/// manager sets is often far less, for the sake of programs that know no other way than select().
fn open_many_files() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, ..limit };
    let now = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(error) => {
            tracing::warn!(%error, "the limit of open files cannot be raised");
            limit.current
        }
    };
    // Without a number there is no limit.
    if let Some(files) = now.filter(|files| *files < FILES_MIN) {
        tracing::warn!(
            files,
            "few files may be open at once, and each connection is one: raise the limit"
        );
    }
}

/// Says where the panel is, and how the first administrator is made.
async fn greet(admin: &Admin, config: &Config) -> Result<(), Box<dyn Error>> {
    let url = config.public_url.as_str();
    if !config.roles.panel {
        println!("Offhook listens on {}, for {} alone", config.listen, config.roles);
        return Ok(());
    }
    println!("Offhook listens on {}, the panel is at {url}", config.listen);
    if let Some(secret) = admin.new_setup_secret().await? {
        println!("Make the first administrator here, once, within a day:");
        println!("  {url}/setup?link={secret}");
    }
    if !config.site_root.join("pkg").is_dir() {
        tracing::warn!(
            site_root = %config.site_root.display(),
            "the panel's files are not there; set OFFHOOK_SITE_ROOT. The API works without them"
        );
    }
    Ok(())
}

async fn start_receiver(
    addr: &str,
    receiving: watch::Receiver<bool>,
    is_shared: bool,
) -> Result<Option<ReceiverLog>, Box<dyn Error>> {
    let addr: SocketAddr = addr.parse()?;
    let log = ReceiverLog::default();
    match receiver::start(addr, log.clone(), until_stopped(receiving)).await {
        Ok(_) => tracing::info!(%addr, "the sample's receiver listens"),
        // Another node of this machine has it.
        Err(ReceiverError::Listen { source, .. })
            if is_shared && source.kind() == ErrorKind::AddrInUse =>
        {
            tracing::info!(%addr, "the sample's receiver runs in another process");
            return Ok(None);
        }
        // What is sent there fails, and says so; nothing else depends on it.
        Err(error) => {
            tracing::error!(%error, "the sample's receiver does not run");
            return Ok(None);
        }
    }
    Ok(Some(log))
}

async fn until_stopped(mut stopping: watch::Receiver<bool>) {
    stopping.wait_for(|stop| *stop).await.ok();
}

async fn told_to_stop() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        interrupted = tokio::signal::ctrl_c() => interrupted,
    }
}

/// The engine knows how things stand.
struct EngineRuns {
    engine: Engine,
    roles: NodeRoles,
    log_days: Option<NonZeroU32>,
}

impl Running for EngineRuns {
    fn overlay(&self) -> Overlay {
        self.engine.overlay()
    }

    fn live(&self) -> Option<Live> {
        Some(self.engine.live())
    }

    fn nodes(&self) -> Option<Vec<NodeView>> {
        self.engine.nodes()
    }

    fn roles(&self) -> NodeRoles {
        self.roles
    }

    fn log_days(&self) -> Option<NonZeroU32> {
        self.log_days
    }

    fn cancel(&self, actor: &Actor, of: Unfinished) -> Cancelling<'_> {
        let actor = actor.clone();
        Box::pin(async move {
            use engine::EngineError::{Busy, Storage, Unavailable};
            self.engine.cancel(&actor, of).await.map_err(|error| match error {
                Unavailable(_) | Busy(_) | Storage(_) => {
                    tracing::error!(?error, "deliveries cannot be called off");
                    AdminError::Unavailable(error.to_string())
                }
                _ => AdminError::Conflict(error.to_string()),
            })
        })
    }
}
