//! Uploads that go on where they broke off.

use deskbell_domain::error::Code;
use deskbell_domain::sync::op::FileRef;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::send::refusal;
use super::{HubApi, segment, wire};
use crate::http::{Answer, PIECE_BYTES};
use crate::{RemoteError, UploadProgress};

/// Where the server says that an upload stands.
const UPLOAD_OFFSET: &str = "upload-offset";
/// How often the server may name another position than ours before we give up for now.
const CORRECTIONS_MAX: usize = 8;

impl HubApi {
    /// Puts a file on the server, from where `resume` (the upload's id) left off. Answers the upload's id.
    pub(super) async fn put_upload(
        &self,
        file: &FileRef,
        resume: Option<&str>,
        progress: &dyn UploadProgress,
    ) -> Result<String, RemoteError> {
        let begun = match resume.filter(|id| !id.is_empty()) {
            Some(id) => self.begun_upload(id).await?,
            None => None,
        };
        let mut upload = match begun {
            Some(upload) => upload,
            None => self.begin_upload(file).await?,
        };
        progress.sent(upload.offset, &upload.id);
        let mut corrections = 0;
        while !upload.complete {
            let bytes = self.files.read(&file.sha256, upload.offset, PIECE_BYTES).await?;
            if bytes.is_empty() {
                return Err(RemoteError::new(Code::FileUnreadable, "the file is shorter than it was"));
            }
            let answer = self.put_piece(&upload, bytes).await?;
            upload = match moved_offset(&answer) {
                Some(_) if corrections >= CORRECTIONS_MAX => return Err(refusal(&answer)),
                Some(_) => {
                    corrections += 1;
                    let stands = self.begun_upload(&upload.id).await?;
                    stands.ok_or_else(|| RemoteError { code: Code::FileMissing, ..refusal(&answer) })?
                }
                None if answer.status.is_success() => answer.json()?,
                None => return Err(refusal(&answer)),
            };
            progress.sent(upload.offset, &upload.id);
        }
        Ok(upload.id)
    }

    async fn begin_upload(&self, file: &FileRef) -> Result<wire::Upload, RemoteError> {
        let mime = if file.mime.is_ascii() { file.mime.as_str() } else { "" };
        let announced = json!({ "sha256": file.sha256, "size_bytes": file.size_bytes, "name": file.name, "mime": mime });
        let answer = self.http.send(self.request(Method::POST, "uploads")?.json(&announced)).await?;
        if answer.status.is_success() { answer.json() } else { Err(refusal(&answer)) }
    }

    /// `None` when the server has forgotten it.
    async fn begun_upload(&self, id: &str) -> Result<Option<wire::Upload>, RemoteError> {
        let Ok(id) = segment(id) else { return Ok(None) };
        let answer = self.http.read(self.request(Method::GET, &format!("uploads/{id}"))?).await?;
        match answer.status {
            StatusCode::NOT_FOUND => Ok(None),
            status if status.is_success() => answer.json().map(Some),
            _ => Err(refusal(&answer)),
        }
    }

    async fn put_piece(&self, upload: &wire::Upload, bytes: Vec<u8>) -> Result<Answer, RemoteError> {
        let request = self
            .request(Method::PATCH, &format!("uploads/{}", segment(&upload.id)?))?
            .header(UPLOAD_OFFSET, upload.offset)
            .header(CONTENT_TYPE, "application/octet-stream")
            .body(bytes);
        Ok(self.http.send(request).await?)
    }
}

/// Where to go on, when the piece began somewhere else than where the upload stands: an earlier piece got through whole or
/// in part though its answer did not.
fn moved_offset(answer: &Answer) -> Option<u64> {
    if answer.status != StatusCode::CONFLICT {
        return None;
    }
    answer.header(UPLOAD_OFFSET)?.trim().parse().ok()
}
