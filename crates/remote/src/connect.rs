//! From an account's settings to a provider.

use std::sync::Arc;

use deskbell_domain::ticket::{AccountOptions, ProviderKind};
use secrecy::SecretString;

use crate::aliyun::{self, AliyunApi};
use crate::{FileSource, NoFiles, RemoteError, SupportApi, http::HttpClient, hub::HubApi, rt::RtApi};

/// What an account needs to be reached.
#[derive(Clone)]
pub struct ConnectOptions {
    pub kind: ProviderKind,
    /// Base URL: `https://support.example/` or plain http on loopback.
    pub endpoint: String,
    pub user: String,
    /// Password or token. For Workorder the key's secret, and on a second line the STS token where there is one.
    pub secret: SecretString,
    pub options: AccountOptions,
    /// Where outgoing files are read.
    pub files: Arc<dyn FileSource>,
}

impl ConnectOptions {
    /// With the provider's own limits, and no files to send.
    #[must_use]
    pub fn new(kind: ProviderKind, endpoint: impl Into<String>, user: impl Into<String>, secret: SecretString) -> Self {
        let (endpoint, user) = (endpoint.into(), user.into());
        Self { kind, endpoint, user, secret, options: AccountOptions::default(), files: Arc::new(NoFiles) }
    }
}

/// Requests a minute where the account sets no number. The hub and Request Tracker say themselves when it is too much.
pub const HUB_REQUESTS_PER_MINUTE: Option<u32> = None;
/// As [`HUB_REQUESTS_PER_MINUTE`].
pub const RT_REQUESTS_PER_MINUTE: Option<u32> = None;
/// Alibaba Cloud publishes no number for Workorder; five a second is far below what its other APIs let through.
pub const ALIYUN_REQUESTS_PER_MINUTE: Option<u32> = Some(300);

/// Builds the client; nothing is sent yet.
///
/// # Errors
/// `endpoint_invalid` for text that is no http(s) URL, `plain_http_refused` for http beyond loopback.
pub fn connect(options: &ConnectOptions) -> Result<Arc<dyn SupportApi>, RemoteError> {
    let (user, secret, files) = (options.user.clone(), options.secret.clone(), Arc::clone(&options.files));
    let http = |endpoint: &str, per_minute| HttpClient::for_account(endpoint, &options.options, per_minute);
    Ok(match options.kind {
        ProviderKind::Hub => {
            let http = http(&options.endpoint, HUB_REQUESTS_PER_MINUTE)?;
            Arc::new(HubApi::new(http, user, secret).with_files(files).with_poll(options.options.poll_s))
        }
        ProviderKind::Aliyun => {
            let http = http(&aliyun::endpoint_of(&options.endpoint), ALIYUN_REQUESTS_PER_MINUTE)?;
            Arc::new(AliyunApi::new(http, &user, &secret).with_files(files).with_poll(options.options.poll_s))
        }
        ProviderKind::Rt => Arc::new(RtApi::with_files(http(&options.endpoint, RT_REQUESTS_PER_MINUTE)?, user, secret, files)),
    })
}
