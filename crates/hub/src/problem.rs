//! Errors as people's programs see them: RFC 9457 problem documents with stable codes.

use axum::Json;
use axum::http::header::{CONTENT_RANGE, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use deskbell_domain::error::Code;

use crate::error::HubError;
use crate::wire::{ProblemBody, Refusal};

/// Where an upload stands, in bytes.
pub(crate) const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");

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
    RateLimited {
        retry_after: String,
    },
    Unavailable {
        retry_after: String,
    },
    /// Only a resolved or closed ticket can be reopened or evaluated.
    TicketNotFinished,
    AlreadyEvaluated,
    AssigneeUnknown,
    CustomerUnknown,
    CategoryUnknown,
    CustomFieldUnknown(String),
    CustomFieldValueUnknown(String),
    UploadUnknown,
    /// An upload that a note names is unknown or incomplete.
    UploadsMissing,
    UploadOffsetWrong {
        offset: u64,
    },
    UploadTooLong,
    UploadHashWrong,
    FileTooLarge,
    AttachmentUnknown,
    RangeNotSatisfiable {
        size_bytes: u64,
    },
    /// A visit's key belongs to another request.
    VisitKeyReused,
    /// A slot or a visit is refused, with what is known of why and what is free instead.
    Visit {
        status: StatusCode,
        code: Code,
        refusal: Box<Refusal>,
    },
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
            _ => self.of_things(),
        }
    }

    /// Problems with what a request names.
    fn of_things(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::TicketNotFinished => {
                (StatusCode::CONFLICT, "ticket_not_finished", "Only a resolved or closed ticket takes this")
            }
            Self::AlreadyEvaluated => (StatusCode::CONFLICT, "already_evaluated", "The ticket has its evaluation"),
            Self::AssigneeUnknown => (StatusCode::BAD_REQUEST, "assignee_unknown", "Nobody of this name works here"),
            Self::CustomerUnknown => (StatusCode::BAD_REQUEST, "customer_unknown", "There is no such customer"),
            Self::CategoryUnknown => (StatusCode::BAD_REQUEST, "category_unknown", "There is no such category"),
            Self::CustomFieldUnknown(_) => (StatusCode::BAD_REQUEST, "custom_field_unknown", "There is no such custom field"),
            Self::CustomFieldValueUnknown(_) => {
                (StatusCode::BAD_REQUEST, "custom_field_value_unknown", "The custom field does not take this value")
            }
            Self::UploadUnknown => (StatusCode::NOT_FOUND, "upload_unknown", "There is no such upload"),
            Self::UploadsMissing => {
                (StatusCode::UNPROCESSABLE_ENTITY, "upload_unknown", "An upload that the note names is not here, or not whole")
            }
            Self::UploadOffsetWrong { .. } => (StatusCode::CONFLICT, "upload_offset", "The upload stands at another position"),
            Self::UploadTooLong => (StatusCode::PAYLOAD_TOO_LARGE, "upload_too_long", "More bytes than were promised"),
            Self::UploadHashWrong => {
                (StatusCode::UNPROCESSABLE_ENTITY, "upload_damaged", "The bytes have another hash; the upload begins again")
            }
            Self::FileTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "file_too_large", "A file has at most 50 MB"),
            Self::VisitKeyReused => (StatusCode::CONFLICT, "idempotency_key_reused", "This key belongs to another request"),
            Self::Visit { status, code, .. } => (*status, code.as_str(), "The visit is not taken as it was asked for"),
            Self::AttachmentUnknown => (StatusCode::NOT_FOUND, "attachment_unknown", "There is no such attachment"),
            Self::RangeNotSatisfiable { .. } => {
                (StatusCode::RANGE_NOT_SATISFIABLE, "range_not_satisfiable", "The file has no such bytes")
            }
            _ => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "The server failed"),
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
        let detail = match &self {
            Self::Invalid(detail) | Self::CustomFieldUnknown(detail) | Self::CustomFieldValueUnknown(detail) => detail.clone(),
            _ => String::new(),
        };
        let body = ProblemBody {
            kind: format!("urn:deskbell:problem:{code}"),
            title: title.to_owned(),
            status: status.as_u16(),
            code: code.to_owned(),
            detail,
            offset: if let Self::UploadOffsetWrong { offset } = &self { Some(*offset) } else { None },
            refusal: if let Self::Visit { refusal, .. } = &self { Refusal::clone(refusal) } else { Refusal::default() },
        };
        let mut response = (status, Json(body)).into_response();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        let header = match &self {
            Self::RateLimited { retry_after } | Self::Unavailable { retry_after } => Some((RETRY_AFTER, retry_after.clone())),
            Self::UploadOffsetWrong { offset } => Some((UPLOAD_OFFSET, offset.to_string())),
            Self::RangeNotSatisfiable { size_bytes } => Some((CONTENT_RANGE, format!("bytes */{size_bytes}"))),
            _ => None,
        };
        if let Some((name, value)) = header
            && let Ok(value) = HeaderValue::from_str(&value)
        {
            response.headers_mut().insert(name, value);
        }
        response
    }
}
