//! Errors as people's programs see them: RFC 9457 problem documents with stable codes.

use axum::Json;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::error::HubError;
use crate::wire::ProblemBody;

/// Why a request was not carried out. The codes are part of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    Unauthorized,
    NotFound,
    OperationUnknown,
    Invalid(String),
    KeyMissing,
    KeyReused,
    PreconditionFailed,
    BodyTooLarge,
    FeedPositionAhead,
    RateLimited { retry_after: String },
    Unavailable { retry_after: String },
    Internal,
}

impl Problem {
    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Self::Invalid(detail.into())
    }

    fn parts(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "unauthorized", "The token is missing or wrong"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found", "There is nothing here"),
            Self::OperationUnknown => (StatusCode::NOT_FOUND, "operation_unknown", "No request with this key took effect"),
            Self::Invalid(_) => (StatusCode::BAD_REQUEST, "invalid_request", "The request cannot be understood"),
            Self::KeyMissing => {
                (StatusCode::BAD_REQUEST, "idempotency_key_missing", "A change needs an Idempotency-Key of 1 to 200 characters")
            }
            Self::KeyReused => {
                (StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused", "This key belongs to another request")
            }
            Self::PreconditionFailed => {
                (StatusCode::PRECONDITION_FAILED, "precondition_failed", "The ticket changed since it was read")
            }
            Self::BodyTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", "The body is too large"),
            Self::FeedPositionAhead => {
                (StatusCode::GONE, "feed_position_ahead", "The feed has not come this far: read everything again")
            }
            Self::RateLimited { .. } => (StatusCode::TOO_MANY_REQUESTS, "rate_limited", "Too many requests"),
            Self::Unavailable { .. } => (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "The server is busy"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "The server failed"),
        }
    }
}

impl From<HubError> for Problem {
    fn from(error: HubError) -> Self {
        tracing::error!(%error, "A request failed inside the server.");
        Self::Internal
    }
}

impl From<rusqlite::Error> for Problem {
    fn from(error: rusqlite::Error) -> Self {
        HubError::Database(error).into()
    }
}

impl From<serde_json::Error> for Problem {
    fn from(error: serde_json::Error) -> Self {
        HubError::Stored(error).into()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, code, title) = self.parts();
        let detail = if let Self::Invalid(detail) = &self { detail.clone() } else { String::new() };
        let body = ProblemBody {
            kind: format!("urn:deskbell:problem:{code}"),
            title: title.to_owned(),
            status: status.as_u16(),
            code: code.to_owned(),
            detail,
        };
        let mut response = (status, Json(body)).into_response();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Self::RateLimited { retry_after } | Self::Unavailable { retry_after } = &self
            && let Ok(value) = HeaderValue::from_str(retry_after)
        {
            response.headers_mut().insert(RETRY_AFTER, value);
        }
        response
    }
}
