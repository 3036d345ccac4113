//! Answers as they are documented: of the operations, of the gateway before them, and of the store of files.

use axum::Json;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::error::HubError;
use crate::store::files::hex;

/// Why an operation was not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// The gateway or the service refuses the request.
    Gateway {
        status: StatusCode,
        code: String,
        message: String,
    },
    Throttled {
        after_ms: String,
    },
    /// HTTP 200 with `Success: false`: the service understood, and does not do it in this state.
    Declined {
        message: String,
    },
    /// A file's address is not (or no longer) good; answered in XML as the store does.
    Object {
        status: StatusCode,
        code: &'static str,
        message: &'static str,
    },
}

impl Fault {
    pub(super) fn gateway(status: u16, code: &str, message: impl Into<String>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::Gateway { status, code: code.to_owned(), message: message.into() }
    }

    pub(super) fn illegal(message: impl Into<String>) -> Self {
        Self::gateway(400, "param.illegal", message)
    }

    pub(super) fn missing(parameter: &str) -> Self {
        let message = format!("{parameter} is mandatory for this action.");
        Self::gateway(400, &format!("Missing{parameter}"), message)
    }

    pub(super) fn declined(message: &str) -> Self {
        Self::Declined { message: message.to_owned() }
    }

    pub(super) fn internal() -> Self {
        Self::gateway(500, "System.error", "The request processing has failed due to some unknown error.")
    }
}

impl From<HubError> for Fault {
    fn from(error: HubError) -> Self {
        tracing::error!(%error, "A Workorder request failed inside the server.");
        Self::internal()
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        HubError::Database(error).into()
    }
}

/// A request id, as unlike any other as 128 random bits.
pub(super) fn request_id() -> String {
    let mut bytes = [0_u8; 16];
    if getrandom::fill(&mut bytes).is_err() {
        tracing::warn!("There is no randomness for a request id.");
    }
    let text = hex(&bytes).to_uppercase();
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        match self {
            Self::Gateway { status, code, message } => gateway(status, &code, &message),
            Self::Throttled { after_ms } => {
                let message = "Request was denied due to user flow control.";
                let mut response = gateway(StatusCode::BAD_REQUEST, "Throttling.User", message);
                if let Ok(value) = HeaderValue::from_str(&after_ms) {
                    response.headers_mut().insert("x-acs-retry-after", value);
                }
                response
            }
            Self::Declined { message } => {
                Json(json!({ "RequestId": request_id(), "Success": false, "Code": 500, "Message": message })).into_response()
            }
            Self::Object { status, code, message } => {
                let id = request_id();
                let body = format!(
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>\n  <Code>{code}</Code>\n  <Message>{message}</Message>\n  \
                     <RequestId>{id}</RequestId>\n</Error>\n"
                );
                (status, [(CONTENT_TYPE, "application/xml")], body).into_response()
            }
        }
    }
}

fn gateway(status: StatusCode, code: &str, message: &str) -> Response {
    let body = json!({ "RequestId": request_id(), "HostId": "127.0.0.1", "Code": code, "Message": message,
        "Recommend": format!("https://api.aliyun.com/troubleshoot?q={code}") });
    (status, Json(body)).into_response()
}

/// The codes and messages of success differ in the samples; ours are those of the operation's sample.
pub(super) fn success(code: i64, message: &str, data: Option<Value>) -> Response {
    let mut body = json!({ "RequestId": request_id(), "Success": true, "Code": code, "Message": message });
    if let (Some(data), Some(fields)) = (data, body.as_object_mut()) {
        fields.insert("Data".to_owned(), data);
    }
    Json(body).into_response()
}

pub(super) async fn no_such_place() -> Response {
    Fault::gateway(404, "InvalidAction.NotFound", "Specified api is not found, please check your url and method.").into_response()
}

pub(super) async fn method_unsupported() -> Response {
    Fault::gateway(405, "UnsupportedHTTPMethod", "This http method is not supported.").into_response()
}
