//! A bare HTTP client that asks a Request Tracker for the same pages as a pull did and throws them away.
//!
//! The pages are learnt by one pull through a recording wire ([`record`]).

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use deskbell_remote::http::CONNECTIONS_MAX;
use futures::{StreamExt, TryStreamExt, stream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

type Fault = Box<dyn Error + Send + Sync>;

const HEAD_END: &[u8] = b"\r\n\r\n";

/// A request as it went over the wire, without its session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    method: String,
    target: String,
    body: Vec<u8>,
}

#[derive(Default)]
pub(crate) struct Recording(Mutex<Vec<Request>>);

impl Recording {
    fn add(&self, request: Request) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(request);
    }

    /// What was asked for, without the login.
    pub(crate) fn take(&self) -> Vec<Request> {
        let mut requests = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        requests.retain(|request| !request.target.starts_with("/NoAuth/"));
        requests
    }
}

/// The session of a user, as a cookie.
pub(crate) async fn log_in(client: &reqwest::Client, endpoint: &str, user: &str, secret: &str) -> Result<String, Fault> {
    let form = [("user", user), ("pass", secret)];
    let answer = client.post(format!("{endpoint}/NoAuth/Login.html")).form(&form).send().await?;
    let cookie = answer.headers().get("set-cookie").ok_or("no cookie")?.to_str()?;
    Ok(cookie.split(';').next().unwrap_or_default().to_owned())
}

/// Every page, its bytes counted and dropped.
pub(crate) async fn fetch(
    client: &reqwest::Client,
    endpoint: &str,
    cookie: &str,
    requests: &[Request],
) -> Result<(usize, Duration), Fault> {
    let began = Instant::now();
    let one = |request: &Request| {
        let method = reqwest::Method::from_bytes(request.method.as_bytes()).map_err(Fault::from);
        let body = request.body.clone();
        let url = format!("{endpoint}{}", request.target);
        async move {
            let mut call = client.request(method?, url).header("Cookie", cookie);
            if !body.is_empty() {
                call = call.header("Content-Type", "application/json").body(body);
            }
            let content = call.send().await?.error_for_status()?.bytes().await?;
            Ok::<usize, Fault>(content.len())
        }
    };
    let bytes = stream::iter(requests.iter().map(one))
        .buffer_unordered(CONNECTIONS_MAX)
        .try_fold(0, |sum, length| async move { Ok(sum + length) })
        .await?;
    Ok((bytes, began.elapsed()))
}

/// A wire to the server that notes every request; answers its endpoint.
pub(crate) async fn record(server: String, recording: Arc<Recording>) -> Result<String, Fault> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (server, recording) = (server.clone(), Arc::clone(&recording));
            tokio::spawn(async move { carry(client, &server, &recording).await });
        }
    });
    Ok(endpoint)
}

async fn carry(client: TcpStream, server: &str, recording: &Recording) -> Result<(), Fault> {
    let upstream = TcpStream::connect(server).await?;
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = upstream.into_split();
    let up = async {
        let mut pending = Vec::new();
        let mut buffer = vec![0; 65_536];
        loop {
            let count = from_client.read(&mut buffer).await?;
            if count == 0 {
                to_server.shutdown().await?;
                return Ok::<(), Fault>(());
            }
            let chunk = buffer.get(..count).unwrap_or_default();
            to_server.write_all(chunk).await?;
            pending.extend_from_slice(chunk);
            while let Some(request) = cut_request(&mut pending) {
                recording.add(request);
            }
        }
    };
    let down = async { tokio::io::copy(&mut from_server, &mut to_client).await.map_err(Fault::from) };
    tokio::try_join!(up, down)?;
    Ok(())
}

/// Takes one whole request off the front.
fn cut_request(pending: &mut Vec<u8>) -> Option<Request> {
    let head_end = pending.windows(HEAD_END.len()).position(|window| window == HEAD_END)? + HEAD_END.len();
    let head = String::from_utf8_lossy(pending.get(..head_end)?).into_owned();
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse::<usize>().ok())
        .unwrap_or(0);
    let body = pending.get(head_end..head_end + length)?.to_vec();
    let mut words = head.split(' ');
    let request = Request { method: words.next()?.to_owned(), target: words.next()?.to_owned(), body };
    pending.drain(..head_end + length);
    Some(request)
}

/// As the provider's own client, but bare.
pub(crate) fn client() -> Result<reqwest::Client, Fault> {
    Ok(reqwest::Client::builder().pool_max_idle_per_host(CONNECTIONS_MAX).no_proxy().tls_certs_only([]).build()?)
}
