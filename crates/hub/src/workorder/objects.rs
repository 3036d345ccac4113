//! Files: an address to put one to, its key in a reply, an address to get it from. Addresses are signed and expire.

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use deskbell_domain::sync::op::{FILE_BYTES_MAX, FILES_MAX};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde::Deserialize;
use serde_json::json;

use super::Desk;
use super::answer::{Fault, request_id, success};
use super::canonical::{encoded, is_same, keyed_hash};
use super::gate::header;
use super::parameters::Parameters;
use crate::api::{FILE_NAME_CHARS_MAX, file_body};
use crate::clock;
use crate::error::HubError;
use crate::faults;
use crate::store::files;
use crate::wire::Attachment;

/// What was promised to be sent at the signed address.
const PUT_CONTENT_TYPE: &str = "application/octet-stream";

#[derive(Debug, Deserialize)]
pub(super) struct Signed {
    #[serde(rename = "Expires")]
    expires: i64,
    #[serde(rename = "OSSAccessKeyId")]
    access_key_id: String,
    #[serde(rename = "Signature")]
    signature: String,
}

fn denied(code: &'static str, message: &'static str) -> Fault {
    Fault::Object { status: StatusCode::FORBIDDEN, code, message }
}

fn no_such_key() -> Fault {
    Fault::Object { status: StatusCode::NOT_FOUND, code: "NoSuchKey", message: "The specified key does not exist." }
}

/// The uploads behind the keys of a `FileNameList`, each with its bytes.
pub(super) fn named(connection: &Connection, keys: &[&str]) -> Result<Vec<i64>, Fault> {
    if keys.len() > FILES_MAX {
        return Err(Fault::illegal(format!("FileNameList has at most {FILES_MAX} files")));
    }
    let mut statement =
        connection.prepare_cached("SELECT upload_id FROM workorder_objects WHERE key = ?1 AND upload_id IS NOT NULL")?;
    keys.iter()
        .map(|key| {
            let found: Option<i64> = statement.query_row([key], |row| row.get(0)).optional()?;
            found.ok_or_else(|| Fault::illegal(format!("{key} was not uploaded")))
        })
        .collect()
}

fn mime_of(name: &str) -> &'static str {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_lowercase()).unwrap_or_default();
    match extension.as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "txt" | "log" => "text/plain",
        "pdf" => "application/pdf",
        _ => "application/octet-stream",
    }
}

impl Desk {
    fn signature(&self, verb: &str, path: &str, expires: i64) -> String {
        let content_type = if verb == "PUT" { PUT_CONTENT_TYPE } else { "" };
        keyed_hash(&self.config.access_key_secret, &format!("{verb}\n{content_type}\n{expires}\n{path}"))
    }

    fn signed_url(&self, host: &str, verb: &str, path: &str) -> String {
        let expires = clock::now().0 / 1_000 + i64::try_from(self.config.url_life.as_secs()).unwrap_or(i64::MAX / 2);
        let signature = self.signature(verb, path, expires);
        // The host as the client knows it, so that a proxy stays in between.
        format!(
            "http://{host}{path}?Expires={expires}&OSSAccessKeyId={}&Signature={signature}",
            encoded(&self.config.access_key_id)
        )
    }

    pub(super) fn file_url(&self, host: &str, attachment: &Attachment) -> String {
        self.signed_url(host, "GET", &format!("/files/{}/{}", attachment.id, encoded(&attachment.name)))
    }

    fn check(&self, verb: &str, path: &str, signed: &Signed) -> Result<(), Fault> {
        if signed.access_key_id != self.config.access_key_id {
            return Err(denied("InvalidAccessKeyId", "The OSS Access Key Id you provided does not exist in our records."));
        }
        if !is_same(&self.signature(verb, path, signed.expires), &signed.signature) {
            let message = "The request signature we calculated does not match the signature you provided.";
            return Err(denied("SignatureDoesNotMatch", message));
        }
        if clock::now().0 / 1_000 >= signed.expires {
            return Err(denied("AccessDenied", "Request has expired."));
        }
        Ok(())
    }

    pub(super) async fn attachment_upload_url(&self, told: Parameters, host: String) -> Result<Response, Fault> {
        let name = told.needed_in_body("FileName")?.to_owned();
        let is_name = name.chars().count() <= FILE_NAME_CHARS_MAX
            && !name.chars().any(|character| matches!(character, '/' | '\\') || character.is_control());
        if !is_name {
            return Err(Fault::illegal("FileName is the name of a file, without a path"));
        }
        let extension = name
            .rsplit_once('.')
            .map(|(_, extension)| extension)
            .filter(|extension| extension.len() <= 8 && extension.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        let key = format!("{}{}", request_id().to_lowercase(), extension.map(|text| format!(".{text}")).unwrap_or_default());
        let path = format!("/objects/{key}");
        let kept = key.clone();
        let keep = move |tx: &Transaction<'_>| {
            tx.execute(
                "INSERT INTO workorder_objects (key, name, created_at) VALUES (?1, ?2, ?3)",
                params![kept, name, clock::now().0],
            )?;
            Ok::<_, Fault>(())
        };
        self.shared.store.run(keep).await?;
        let data = json!({ "ObjectKey": key, "PutSignedUrl": self.signed_url(&host, "PUT", &path),
            "GetSignedUrl": self.signed_url(&host, "GET", &path) });
        Ok(success(0, "success", Some(data)))
    }

    async fn keep(&self, key: String, body: Body, headers: &HeaderMap) -> Result<(), Fault> {
        let too_large = || Fault::Object {
            status: StatusCode::BAD_REQUEST,
            code: "EntityTooLarge",
            message: "Your proposed upload exceeds the maximum allowed size.",
        };
        let most = usize::try_from(FILE_BYTES_MAX).unwrap_or(usize::MAX);
        let promised = header(headers, CONTENT_LENGTH.as_str()).parse::<usize>().unwrap_or(0);
        if promised > most {
            return Err(too_large());
        }
        let bytes = axum::body::to_bytes(body, most).await.map_err(|_| too_large())?;
        let run = move |tx: &Transaction<'_>| {
            let name: Option<String> =
                tx.query_row("SELECT name FROM workorder_objects WHERE key = ?1", [&key], |row| row.get(0)).optional()?;
            let name = name.ok_or_else(no_such_key)?;
            let upload = files::insert_whole(tx, &name, mime_of(&name), &bytes, clock::now())?;
            tx.execute("UPDATE workorder_objects SET upload_id = ?2 WHERE key = ?1", params![key, upload])?;
            Ok::<_, Fault>(())
        };
        self.shared.store.run(run).await
    }

    async fn give(&self, upload: i64, size: u64, mime: &str) -> Response {
        let body = file_body(&self.shared, upload, 0, size);
        ([(CONTENT_TYPE, mime.to_owned()), (CONTENT_LENGTH, size.to_string())], body).into_response()
    }
}

pub(super) async fn put_object(
    State(desk): State<Desk>,
    Path(key): Path<String>,
    Query(signed): Query<Signed>,
    headers: HeaderMap,
    request: axum::extract::Request,
) -> Response {
    let ordered = desk.shared.faults.take("PUT", request.uri().path());
    let words = |_: &faults::Fault| {
        Fault::Object { status: StatusCode::INTERNAL_SERVER_ERROR, code: "InternalError", message: "Please try again." }
            .into_response()
    };
    let inner = desk.clone();
    let run = |request: axum::extract::Request| {
        let (desk, key, headers) = (inner.clone(), key.clone(), headers.clone());
        let checked = desk.check("PUT", &format!("/objects/{key}"), &signed);
        async move {
            let is_typed = header(&headers, CONTENT_TYPE.as_str()) == PUT_CONTENT_TYPE;
            let done = match checked {
                Ok(()) if !is_typed => Err(denied("SignatureDoesNotMatch", "The Content-Type is not the signed one.")),
                Ok(()) => desk.keep(key, request.into_body(), &headers).await,
                Err(fault) => Err(fault),
            };
            done.map_or_else(IntoResponse::into_response, |()| StatusCode::OK.into_response())
        }
    };
    faults::carry_out(ordered, &desk.shared.answers, request, run, words).await
}

pub(super) async fn get_object(
    State(desk): State<Desk>,
    Path(key): Path<String>,
    Query(signed): Query<Signed>,
) -> Result<Response, Fault> {
    desk.check("GET", &format!("/objects/{key}"), &signed)?;
    let read = move |tx: &Transaction<'_>| {
        let found = tx
            .query_row(
                "SELECT u.id, u.size_bytes, u.mime FROM workorder_objects o JOIN uploads u ON u.id = o.upload_id WHERE o.key = ?1",
                [&key],
                |row| Ok((row.get::<_, i64>(0)?, row.get::<_, u32>(1)?, row.get::<_, String>(2)?)),
            )
            .optional()?;
        Ok::<_, HubError>(found)
    };
    let (upload, size, mime) = desk.shared.store.run(read).await?.ok_or_else(no_such_key)?;
    Ok(desk.give(upload, size.into(), &mime).await)
}

pub(super) async fn get_file(
    State(desk): State<Desk>,
    Path((id, name)): Path<(String, String)>,
    Query(signed): Query<Signed>,
) -> Result<Response, Fault> {
    desk.check("GET", &format!("/files/{id}/{}", encoded(&name)), &signed)?;
    let id: i64 = id.parse().map_err(|_| no_such_key())?;
    let found = desk.shared.store.run(move |tx| files::attachment(tx, id)).await?;
    let (attachment, upload) = found.ok_or_else(no_such_key)?;
    Ok(desk.give(upload, attachment.size_bytes, &attachment.mime).await)
}
