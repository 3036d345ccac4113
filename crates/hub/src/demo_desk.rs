//! The demo desk: a hub with generated tickets, in the process of whoever wants to try Deskbell.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use deskbell_domain::UtcMs;
use secrecy::{ExposeSecret as _, SecretString};

use crate::{DemoLife, HubConfig, HubError, HubServer, RunningHub, WorkorderConfig, seed_demo};

const DIRECTORY: &str = "demo";
const DATABASE: &str = "hub.db";
/// The same tickets on every machine, placed around the moment of the first start.
const SEED: u64 = 20_261_121;
const TOKEN_BYTES: usize = 24;

/// A running demo desk; it stops when dropped.
pub struct DemoDesk {
    hub: RunningHub,
    token: SecretString,
    workorder: Option<WorkorderKey>,
}

/// Where the demo's Workorder endpoint is, and the key for it.
#[derive(Debug, Clone)]
pub struct WorkorderKey {
    pub url: String,
    pub access_key_id: String,
    pub access_key_secret: SecretString,
}

impl DemoDesk {
    /// What its account is called.
    pub const NAME: &'static str = "演示服务台 Demo desk";
    /// Who its account belongs to.
    pub const USER: &'static str = "lin.xiao";

    /// Serves the demo of a data directory on a free loopback port, and seeds it when it is new.
    /// With `life`, simulated customers answer replies.
    ///
    /// # Errors
    /// As [`HubServer::start`], and when the directory cannot be made.
    pub async fn start(data_dir: &Path, now: UtcMs, life: bool) -> Result<Self, HubError> {
        Self::start_on(data_dir, now, life, 0, false).await
    }

    /// As [`DemoDesk::start`], on a port of the caller's choice, and with an endpoint in the shape of Alibaba Cloud Workorder
    /// on a free one when that is asked for.
    ///
    /// # Errors
    /// As [`DemoDesk::start`].
    pub async fn start_on(data_dir: &Path, now: UtcMs, life: bool, port: u16, workorder: bool) -> Result<Self, HubError> {
        let directory = data_dir.join(DIRECTORY);
        let database = directory.join(DATABASE);
        let path = database.clone();
        tokio::task::spawn_blocking(move || prepare(&directory, &path, now)).await.map_err(|_| HubError::TaskEnded)??;
        let token = new_token()?;
        let mut config = HubConfig::new(database, token.expose_secret());
        config.bind = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        config.user = Self::USER.to_owned();
        config.life = life.then(DemoLife::default);
        let key = if workorder { Some((format!("LTAI{}", new_token()?.expose_secret()), new_token()?)) } else { None };
        config.workorder = key.as_ref().map(|(id, secret)| WorkorderConfig::new(id.as_str(), secret.expose_secret()));
        let hub = HubServer::start(config).await?;
        let workorder = hub.workorder_url().zip(key).map(|(url, (access_key_id, access_key_secret))| WorkorderKey {
            url,
            access_key_id,
            access_key_secret,
        });
        Ok(Self { hub, token, workorder })
    }

    /// The Workorder endpoint, when it was asked for. Its key is new with every start.
    #[must_use]
    pub fn workorder(&self) -> Option<&WorkorderKey> {
        self.workorder.as_ref()
    }

    /// Base address for clients.
    #[must_use]
    pub fn url(&self) -> String {
        self.hub.url()
    }

    /// New with every start, and never written anywhere.
    #[must_use]
    pub fn token(&self) -> SecretString {
        self.token.clone()
    }

    /// Ends it; answers under way are finished first, within a bound.
    pub async fn stop(self) {
        self.hub.shutdown().await;
    }
}

/// Seeds beside the final name, so that a kill midway leaves no half-seeded demo.
fn prepare(directory: &Path, database: &Path, now: UtcMs) -> Result<(), HubError> {
    std::fs::create_dir_all(directory).map_err(HubError::Directory)?;
    if database.exists() {
        return Ok(());
    }
    let unfinished = database.with_extension("unfinished");
    for leftover in ["unfinished", "unfinished-wal", "unfinished-shm"] {
        let _absent = std::fs::remove_file(database.with_extension(leftover));
    }
    seed_demo(&unfinished, now, SEED)?;
    std::fs::rename(&unfinished, database).map_err(HubError::Directory)
}

fn new_token() -> Result<SecretString, HubError> {
    let mut bytes = [0_u8; TOKEN_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| HubError::Directory(std::io::Error::other(error)))?;
    let mut text = String::with_capacity(TOKEN_BYTES * 2);
    for byte in bytes {
        let _infallible = write!(text, "{byte:02x}");
    }
    Ok(SecretString::from(text))
}
