//! What a failure below HTTP is called, and whether bytes may have left the machine before it.

use std::error::Error;
use std::io::{self, ErrorKind};

use deskbell_domain::error::Code;
use deskbell_domain::sync::op::Outcome;

use crate::RemoteError;

/// Why a request has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendFailure {
    /// No byte of the request reached the server.
    #[error("{0}")]
    NotSent(RemoteError),
    /// The server may have acted on the request.
    #[error("{0}")]
    MaybeSent(RemoteError),
}

impl SendFailure {
    #[must_use]
    pub fn error(&self) -> &RemoteError {
        match self {
            Self::NotSent(error) | Self::MaybeSent(error) => error,
        }
    }

    /// As the answer to an operation: what certainly did not leave is tried later, the rest is read back.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::NotSent(error) => Outcome::Retry { after_ms: error.retry_after_ms, code: error.code },
            Self::MaybeSent(error) => Outcome::Unknown { code: error.code },
        }
    }
}

impl From<SendFailure> for RemoteError {
    fn from(failure: SendFailure) -> Self {
        match failure {
            SendFailure::NotSent(error) | SendFailure::MaybeSent(error) => error,
        }
    }
}

/// Names a failure that came before any answer.
pub(super) fn classify_request(host: &str, error: &reqwest::Error) -> SendFailure {
    let cause = Cause::of(error);
    if error.is_builder() {
        return SendFailure::NotSent(RemoteError::new(Code::Internal, format!("{host}: the request could not be built")));
    }
    if error.is_timeout() {
        let phase = if error.is_connect() { "no connection in time" } else { "no answer in time" };
        let timed_out = RemoteError::new(Code::TimedOut, format!("{host}: {phase}"));
        return if error.is_connect() { SendFailure::NotSent(timed_out) } else { SendFailure::MaybeSent(timed_out) };
    }
    if error.is_connect() {
        return SendFailure::NotSent(classify_connect(host, error.is_dns(), &cause));
    }
    SendFailure::MaybeSent(RemoteError::new(Code::ConnectionLost, format!("{host}: lost before an answer ({})", cause.words())))
}

/// Names a failure while the body was read.
pub(super) fn classify_body(host: &str, received_bytes: usize, error: &reqwest::Error) -> RemoteError {
    let code = if error.is_timeout() { Code::TimedOut } else { Code::AnswerTruncated };
    RemoteError::new(code, format!("{host}: the answer broke off after {received_bytes} bytes ({})", Cause::of(error).words()))
}

fn classify_connect(host: &str, is_dns: bool, cause: &Cause) -> RemoteError {
    let code = match cause {
        _ if is_dns => Code::NameNotResolved,
        Cause::Certificate(_) => Code::CertificateInvalid,
        Cause::Tls(_) => Code::AnswerUnexpected,
        Cause::Io(
            ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof,
        ) => Code::ConnectionLost,
        Cause::Io(ErrorKind::TimedOut) => Code::TimedOut,
        Cause::Io(_) | Cause::Other => Code::HostUnreachable,
    };
    RemoteError::new(code, format!("{host}: no connection ({})", cause.words()))
}

/// The deepest reason that is known by type. Texts of other errors are never passed on: they may quote the address.
enum Cause {
    Certificate(String),
    Tls(String),
    Io(ErrorKind),
    Other,
}

impl Cause {
    fn of(error: &reqwest::Error) -> Self {
        let mut found = Self::Other;
        let mut next: Option<&(dyn Error + 'static)> = error.source();
        while let Some(current) = next {
            if let Some(io) = current.downcast_ref::<io::Error>() {
                found = Self::of_io(io).unwrap_or(found);
            }
            if let Some(tls) = current.downcast_ref::<rustls::Error>() {
                return Self::of_tls(tls);
            }
            next = current.source();
            if matches!(found, Self::Certificate(_) | Self::Tls(_)) {
                return found;
            }
        }
        found
    }

    fn of_io(error: &io::Error) -> Option<Self> {
        if let Some(inner) = error.get_ref() {
            if let Some(tls) = inner.downcast_ref::<rustls::Error>() {
                return Some(Self::of_tls(tls));
            }
            if let Some(nested) = inner.downcast_ref::<io::Error>() {
                return Self::of_io(nested);
            }
        }
        (error.kind() != ErrorKind::Other).then_some(Self::Io(error.kind()))
    }

    fn of_tls(error: &rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(why) => Self::Certificate(format!("{why:?}")),
            rustls::Error::NoCertificatesPresented | rustls::Error::UnsupportedNameType => Self::Certificate(error.to_string()),
            other => Self::Tls(other.to_string()),
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Certificate(why) => format!("certificate: {why}"),
            Self::Tls(why) => format!("TLS: {why}"),
            Self::Io(kind) => kind.to_string(),
            Self::Other => "closed".to_owned(),
        }
    }
}
