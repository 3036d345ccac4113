//! Files: up through a signed address ahead of the note, down through the note's own, which expires.

use deskbell_domain::error::Code;
use deskbell_domain::sync::op::{FILE_BYTES_MAX, FileRef};
use reqwest::Method;

use super::AliyunApi;
use super::call::Call;
use super::observe::attachment_id;
use super::shape::{One, UploadPlace};
use crate::{FileSink, RemoteError, RemoteFile, UploadProgress};

impl AliyunApi {
    /// Answers the key by which a note names the file. Begins anew whenever it broke off: a signed PUT cannot go on.
    pub(super) async fn put_file(&self, file: &FileRef, progress: &dyn UploadProgress) -> Result<String, RemoteError> {
        if file.size_bytes > FILE_BYTES_MAX {
            return Err(RemoteError::new(Code::FileTooLarge, format!("more than {FILE_BYTES_MAX} bytes")));
        }
        let place: One<UploadPlace> = self.client.ask(&Call::get_attachment_upload_url(&file.name)).await?;
        let (client, url) = self.client.http.at_signed_address(place.data.put_signed_url.as_str())?;
        let request = client.request_at(Method::PUT, url)?;
        let answer = client.put_file(request, &self.files, file, progress).await?;
        if !answer.status.is_success() {
            return Err(answer.refusal());
        }
        progress.sent(file.size_bytes, "");
        if place.data.object_key.as_str().is_empty() {
            return Err(RemoteError::new(Code::AnswerUnexpected, "the answer names no key for the file"));
        }
        Ok(place.data.object_key.0)
    }

    /// From the address that was seen with the note, else from the one that the note has now.
    pub(super) async fn get_file(&self, file: &RemoteFile, sink: &dyn FileSink) -> Result<(), RemoteError> {
        if !file.attachment.url.is_empty() && self.fetch_from(&file.attachment.url, sink).await? {
            return Ok(());
        }
        let gone = || RemoteError::new(Code::FileMissing, "the note has no such file any more");
        let notes = self.notes_of(&file.ticket_remote_id).await?;
        let note = notes.iter().find(|note| note.dialog_id.as_str() == file.note_remote_id).ok_or_else(gone)?;
        let named = note.attachments.iter().enumerate();
        let mut same = named.filter(|(place, one)| {
            attachment_id(note.dialog_id.as_str(), *place, one.name.as_str()) == file.attachment.remote_id
        });
        let (_, fresh) = same.next().ok_or_else(gone)?;
        if self.fetch_from(fresh.url.as_str(), sink).await? { Ok(()) } else { Err(gone()) }
    }

    /// False when the address is no longer good; nothing was written then.
    async fn fetch_from(&self, address: &str, sink: &dyn FileSink) -> Result<bool, RemoteError> {
        let (client, url) = self.client.http.at_signed_address(address)?;
        match client.fetch_file(client.request_at(Method::GET, url)?, sink).await? {
            None => Ok(true),
            Some(answer) if matches!(answer.status.as_u16(), 400 | 401 | 403 | 404 | 410) => Ok(false),
            Some(answer) => Err(answer.refusal()),
        }
    }
}
