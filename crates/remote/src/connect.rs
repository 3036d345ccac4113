//! From an account's settings to a provider.

use std::sync::Arc;

use deskbell_domain::ticket::ProviderKind;
use secrecy::SecretString;

use crate::{RemoteError, SupportApi, http::HttpClient, hub::HubApi, rt::RtApi};

/// What an account needs to be reached.
#[derive(Clone)]
pub struct ConnectOptions {
    pub kind: ProviderKind,
    /// Base URL: `https://support.example/` or plain http on loopback.
    pub endpoint: String,
    pub user: String,
    pub secret: SecretString,
}

/// Builds the client; nothing is sent yet.
///
/// # Errors
/// `endpoint_invalid` for text that is no http(s) URL, `plain_http_refused` for http beyond loopback.
pub fn connect(options: &ConnectOptions) -> Result<Arc<dyn SupportApi>, RemoteError> {
    let http = HttpClient::new(&options.endpoint)?;
    Ok(match options.kind {
        ProviderKind::Hub => Arc::new(HubApi::new(http, options.user.clone(), options.secret.clone())),
        ProviderKind::Rt => Arc::new(RtApi::new(http, options.user.clone(), options.secret.clone())),
    })
}
