//! The webhooks of DingTalk, WeCom and Feishu as a test needs them: signatures and limits are judged by the test's own clock,
//! and what goes wrong is told beforehand.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use deskbell_domain::UtcMs;
use deskbell_domain::robot::RobotKind;
use deskbell_engine::ports::Clock;
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A signature older or younger than this is refused.
const SIGN_AGE_MS_MAX: i64 = 60 * 60 * 1_000;
const MINUTE_MS: i64 = 60_000;
const SECOND_MS: i64 = 1_000;
/// DingTalk refuses everything for so long after the limit.
const PENALTY_MS: i64 = 10 * MINUTE_MS;

/// What happens to one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RobotFault {
    /// The platform says so in its own way; nothing arrives.
    RateLimited,
    /// HTTP status without a sign of what became of it; nothing arrives.
    Status(u16),
    /// Arrives; the answer never comes.
    SilentAfterAccept,
    /// Arrives; the answer is cut off.
    BadJson,
    /// The platform's number and words; nothing arrives.
    Refused(i64, String),
}

/// A message that arrived in the group.
#[derive(Debug, Clone)]
pub struct Arrived {
    pub at: UtcMs,
    pub body: Value,
}

#[derive(Default)]
struct Group {
    arrived: Vec<Arrived>,
    /// When messages were asked for, taken or not.
    asked: Vec<UtcMs>,
    /// Of those, refused because they came too fast.
    too_fast: usize,
    refused_until: Option<UtcMs>,
    faults: VecDeque<RobotFault>,
}

struct Shared {
    clock: Arc<dyn Clock>,
    secret: Option<String>,
    group: Mutex<Group>,
}

/// One robot of each platform behind one port, until dropped.
pub struct FakeRobots {
    port: u16,
    token: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Drop for FakeRobots {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl FakeRobots {
    /// Listens on a free port of the loopback. With a secret, DingTalk and Feishu take signed messages only.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(clock: Arc<dyn Clock>, secret: Option<&str>) -> std::io::Result<Self> {
        let shared = Arc::new(Shared { clock, secret: secret.map(ToOwned::to_owned), group: Mutex::default() });
        let router = Router::new()
            .route("/robot/send", post(dingtalk))
            .route("/cgi-bin/webhook/send", post(wecom))
            .route("/open-apis/bot/v2/hook/{token}", post(feishu))
            .with_state(Arc::clone(&shared));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let task = tokio::spawn(async move {
            let _ended = axum::serve(listener, router).await;
        });
        Ok(Self { port, token: "t0ken-of-the-group".to_owned(), shared, task })
    }

    /// The webhook's address.
    #[must_use]
    pub fn address(&self, kind: RobotKind) -> String {
        let (port, token) = (self.port, &self.token);
        match kind {
            RobotKind::Dingtalk => format!("http://127.0.0.1:{port}/robot/send?access_token={token}"),
            RobotKind::Wecom => format!("http://127.0.0.1:{port}/cgi-bin/webhook/send?key={token}"),
            RobotKind::Feishu => format!("http://127.0.0.1:{port}/open-apis/bot/v2/hook/{token}"),
        }
    }

    /// What the next messages meet, in order.
    pub fn fail_next(&self, faults: impl IntoIterator<Item = RobotFault>) {
        self.shared.group().faults.extend(faults);
    }

    #[must_use]
    pub fn arrived(&self) -> Vec<Arrived> {
        self.shared.group().arrived.clone()
    }

    /// Messages that were asked for, and of those the refused because they came too fast.
    #[must_use]
    pub fn asked(&self) -> (usize, usize) {
        let group = self.shared.group();
        (group.asked.len(), group.too_fast)
    }
}

impl Shared {
    fn group(&self) -> MutexGuard<'_, Group> {
        self.group.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hmac(key: &str, text: &str) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else { return String::new() };
        mac.update(text.as_bytes());
        STANDARD.encode(mac.finalize().into_bytes())
    }

    fn is_fresh(&self, at_ms: i64) -> bool {
        self.clock.now().0.abs_diff(at_ms) <= SIGN_AGE_MS_MAX.unsigned_abs()
    }

    /// Judges the platform's limit: `windows` as (messages, milliseconds).
    fn is_too_fast(&self, windows: &[(usize, i64)], penalty_ms: i64) -> bool {
        let (mut group, now) = (self.group(), self.clock.now());
        if group.refused_until.is_some_and(|until| until > now) {
            group.too_fast += 1;
            return true;
        }
        group.asked.push(now);
        let within = |ms: i64| group.asked.iter().filter(|at| now.ms_since(**at) < ms).count();
        let over = windows.iter().any(|(most, ms)| within(*ms) > *most);
        if over {
            group.too_fast += 1;
            group.refused_until = Some(now.plus_ms(penalty_ms));
        }
        over
    }

    /// Takes a message that passed every check, or lets the next fault happen.
    async fn take(&self, body: Value, rate_limited: (i64, &str), numbers: (&str, &str)) -> Response {
        let answer = |number: i64, words: &str| Json(json!({ numbers.0: number, numbers.1: words })).into_response();
        let fault = self.group().faults.pop_front();
        let arrives = matches!(fault, None | Some(RobotFault::SilentAfterAccept | RobotFault::BadJson));
        if arrives {
            let at = self.clock.now();
            self.group().arrived.push(Arrived { at, body });
        }
        match fault {
            None => answer(0, "ok"),
            Some(RobotFault::RateLimited) => answer(rate_limited.0, rate_limited.1),
            Some(RobotFault::Status(status)) => StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY).into_response(),
            Some(RobotFault::SilentAfterAccept) => {
                tokio::time::sleep(Duration::from_secs(3_600)).await;
                StatusCode::OK.into_response()
            }
            Some(RobotFault::BadJson) => format!("{{\"{}\":", numbers.0).into_response(),
            Some(RobotFault::Refused(number, words)) => answer(number, &words),
        }
    }
}

fn read(body: &Bytes) -> Value {
    serde_json::from_slice(body).unwrap_or(Value::Null)
}

fn parameter(query: &str, name: &str) -> Option<String> {
    let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    Some(value.replace("%2B", "+").replace("%2F", "/").replace("%3D", "="))
}

async fn dingtalk(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery, body: Bytes) -> Response {
    let (query, refuse) =
        (query.unwrap_or_default(), |words: &str| Json(json!({ "errcode": 310_000, "errmsg": words })).into_response());
    if let Some(secret) = &shared.secret {
        let Some(at) = parameter(&query, "timestamp").and_then(|at| at.parse::<i64>().ok()) else {
            return refuse("sign not match");
        };
        if !shared.is_fresh(at) {
            return refuse("invalid timestamp");
        }
        if parameter(&query, "sign") != Some(Shared::hmac(secret, &format!("{at}\n{secret}"))) {
            return refuse("sign not match");
        }
    }
    if shared.is_too_fast(&[(20, MINUTE_MS)], PENALTY_MS) {
        return Json(json!({ "errcode": 130_101, "errmsg": "send too fast, exceed 20 times per minute" })).into_response();
    }
    shared.take(read(&body), (130_101, "send too fast"), ("errcode", "errmsg")).await
}

async fn wecom(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    if shared.is_too_fast(&[(20, MINUTE_MS)], MINUTE_MS) {
        return Json(json!({ "errcode": 45_009, "errmsg": "api freq out of limit" })).into_response();
    }
    shared.take(read(&body), (45_009, "api freq out of limit"), ("errcode", "errmsg")).await
}

async fn feishu(State(shared): State<Arc<Shared>>, Path(_token): Path<String>, body: Bytes) -> Response {
    let body = read(&body);
    let refuse =
        || Json(json!({ "code": 19_021, "msg": "sign match fail or timestamp is not within one hour from current time" }));
    if let Some(secret) = &shared.secret {
        let at = body.get("timestamp").and_then(Value::as_str).and_then(|at| at.parse::<i64>().ok());
        let Some(at) = at.filter(|at| shared.is_fresh(at.saturating_mul(SECOND_MS))) else { return refuse().into_response() };
        if body.get("sign").and_then(Value::as_str) != Some(Shared::hmac(&format!("{at}\n{secret}"), "").as_str()) {
            return refuse().into_response();
        }
    }
    if shared.is_too_fast(&[(5, SECOND_MS), (100, MINUTE_MS)], MINUTE_MS) {
        return (StatusCode::TOO_MANY_REQUESTS, Json(json!({ "code": 11_232, "msg": "frequency limited" }))).into_response();
    }
    shared.take(body, (11_232, "frequency limited"), ("code", "msg")).await
}
