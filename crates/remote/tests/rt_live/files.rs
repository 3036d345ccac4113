//! Files in both directions.

use std::time::Instant;

use deskbell_domain::Code;
use deskbell_domain::sync::op::{FILE_BYTES_MAX, OperationKind, Outcome, ReadBack};
use deskbell_domain::ticket::Visibility;

use serde_json::json;

use super::support::*;

fn reply(body: &str, files: Vec<deskbell_domain::sync::op::FileRef>) -> OperationKind {
    OperationKind::Reply { body: body.to_owned(), visibility: Visibility::Public, files, seen_notes: None }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs DESKBELL_RT_URL"]
async fn files_arrive_and_come_back_byte_for_byte() {
    let raw = Raw::log_in().await;
    let ticket = raw.open("Support", "files").await;
    let every_byte: Vec<u8> = (0..=255).rev().cycle().take(1_234_567).collect();
    let in_gbk = vec![0xc8, 0xd5, 0xd6, 0xbe, b'\r', b'\n'];
    let sent: Vec<(&str, &str, Vec<u8>)> = vec![
        ("抓包 \"一\".pcap", "application/vnd.tcpdump.pcap", every_byte),
        ("说明.txt", "text/plain", "宕机说明\r\n第二行\n\n".as_bytes().to_vec()),
        ("日志.txt", "text/plain", in_gbk),
        ("page.html", "text/html", b"<script>alert(1)</script>".to_vec()),
        ("mail.eml", "message/rfc822", b"Subject: x\r\n\r\nbody\r\n".to_vec()),
        ("one", "", b"0".to_vec()),
    ];
    let mut shelf = Shelf::default();
    let files = sent.iter().map(|(name, mime, bytes)| shelf.put(name, mime, bytes.clone())).collect();
    let api = api_with(shelf);
    let operation = operation(&ticket, reply("见附件", files));
    assert_eq!(api.read_back(&operation).await.unwrap(), ReadBack::NotLanded);
    let Outcome::Sent(receipt) = api.send(&operation).await else { panic!("not sent") };
    assert_eq!(api.send(&operation).await, Outcome::Sent(receipt.clone()), "sent again, it is there once");
    assert_eq!(raw.count_of_marker(&ticket, &operation.marker).await, 1);
    let there = raw.files(&ticket).await;
    assert_eq!(there.len(), sent.len());
    let whole = api.ticket(&ticket).await.unwrap();
    let note = whole.notes.iter().find(|note| Some(&note.remote_id) == receipt.note_remote_id.as_ref()).unwrap();
    assert_eq!(note.body.trim(), "见附件");
    for (index, (name, _, bytes)) in sent.iter().enumerate() {
        let wire = name.replace('"', "_");
        let (_, _, rt_name, rt_bytes) = &there[index];
        assert_eq!((rt_name, rt_bytes), (&wire, bytes), "in RT");
        let attachment = &note.attachments[index];
        assert_eq!((&attachment.name, attachment.size_bytes), (&wire, bytes.len() as u64));
        assert_eq!(&download(&*api, &ticket, &note.remote_id, attachment).await.unwrap(), bytes, "{name} back here");
    }
    let mut gone = note.attachments[0].clone();
    gone.remote_id = "99999999".to_owned();
    assert_eq!(download(&*api, &ticket, &note.remote_id, &gone).await.unwrap_err().code, Code::FileMissing);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs DESKBELL_RT_URL"]
async fn files_without_a_marker_are_found_by_name_and_size() {
    let raw = Raw::log_in().await;
    let ticket = raw.open("Plain", "files").await;
    let mut shelf = Shelf::default();
    let file = shelf.put("截图.png", "image/png", vec![7; 5_000]);
    let larger = shelf.put("截图.png", "image/png", vec![7; 5_001]);
    let missing = deskbell_domain::sync::op::FileRef { sha256: "ff".repeat(32), ..file.clone() };
    let api = api_with(shelf);
    let attach = |file| operation(&ticket, OperationKind::Attach { file, visibility: Visibility::Internal });
    let sent = attach(file.clone());
    let Outcome::Sent(receipt) = api.send(&sent).await else { panic!("not sent") };
    assert_eq!(api.read_back(&sent).await.unwrap(), ReadBack::Landed(receipt.clone()));
    assert_eq!(api.read_back(&attach(larger)).await.unwrap(), ReadBack::NotLanded);
    let public = operation(&ticket, OperationKind::Attach { file: file.clone(), visibility: Visibility::Public });
    assert_eq!(api.read_back(&public).await.unwrap(), ReadBack::NotLanded);
    assert_eq!(api.read_back(&operation(&ticket, reply("x", vec![file]))).await.unwrap(), ReadBack::NotLanded);
    let note = api.ticket(&ticket).await.unwrap().notes.pop().unwrap();
    assert_eq!((note.visibility, note.body.as_str(), note.attachments.len()), (Visibility::Internal, "", 1));
    assert!(matches!(api.send(&attach(missing)).await, Outcome::Rejected { code: Code::FileMissing, .. }));
    assert_eq!(raw.files(&ticket).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs DESKBELL_RT_URL"]
async fn fifty_megabytes_go_there_and_back() {
    let raw = Raw::log_in().await;
    let ticket = raw.open("Support", "large").await;
    let size = usize::try_from(FILE_BYTES_MAX).unwrap();
    let bytes: Vec<u8> = (0..size).map(|at| u8::try_from((at * 31 + at / 251) % 256).unwrap()).collect();
    let mut shelf = Shelf::default();
    let file = shelf.put("内存转储.bin", "application/octet-stream", bytes.clone());
    let api = api_with(shelf);
    let began = Instant::now();
    let operation = operation(&ticket, OperationKind::Attach { file, visibility: Visibility::Public });
    let Outcome::Sent(receipt) = api.send(&operation).await else { panic!("not sent") };
    let there = began.elapsed();
    let note = api.ticket(&ticket).await.unwrap().notes.pop().unwrap();
    assert_eq!((Some(&note.remote_id), note.attachments[0].size_bytes), (receipt.note_remote_id.as_ref(), FILE_BYTES_MAX));
    let began = Instant::now();
    let back = download(&*api, &ticket, &note.remote_id, &note.attachments[0]).await.unwrap();
    assert!(back == bytes, "another file came back");
    // RT reads the whole of a file whenever it is listed; the other tests have seen enough of it.
    Raw::root().await.put(&format!("ticket/{ticket}"), &json!({ "Status": "deleted" })).await;
    println!("50 MB: there in {:.1} s, back in {:.1} s", there.as_secs_f64(), began.elapsed().as_secs_f64());
}

/// A customer's mail, through RT's own gateway.
async fn mail(queue: &str, sender: &str, message: &str) -> String {
    let raw = Raw::log_in().await;
    let message = format!("From: {sender}\r\n{message}");
    let form = [("queue", queue), ("action", "correspond"), ("message", message.as_str())];
    let request = raw.client.post(format!("{}/REST/1.0/NoAuth/mail-gateway", endpoint())).form(&form);
    assert_eq!(request.send().await.unwrap().text().await.unwrap().trim(), "ok");
    let query = format!("Requestor = '{sender}'");
    text(&raw.get("tickets", &[("query", query.as_str())]).await["items"][0]["id"])
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs DESKBELL_RT_URL"]
async fn a_mail_shows_its_pictures_also_those_without_a_name() {
    let message = "To: support@rt.test\r\nSubject: =?UTF-8?B?5a6V5py6?=\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/related; boundary=\"b\"\r\n\r\n\
        --b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>见图 <img src=\"cid:pic1\"></p>\r\n\
        --b\r\nContent-Type: image/gif\r\nContent-ID: <pic1>\r\nContent-Transfer-Encoding: base64\r\n\r\nR0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7\r\n\
        --b\r\nContent-Type: text/plain; charset=gbk\r\nContent-Disposition: attachment; filename=\"log.txt\"\r\nContent-Transfer-Encoding: base64\r\n\r\nyNXWvg==\r\n\
        --b--\r\n";
    let ticket = mail("Support", &format!("mail{}@example.com", rand_bits()), message).await;
    let api = api();
    let whole = api.ticket(&ticket).await.unwrap();
    let note = &whole.notes[0];
    assert!(note.body.contains("见图"), "{}", note.body);
    let mut names: Vec<&str> = note.attachments.iter().map(|file| file.mime.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["image/gif", "text/plain"]);
    let picture = note.attachments.iter().find(|file| file.mime == "image/gif").unwrap();
    assert!(picture.name.starts_with("image-") && picture.name.ends_with(".gif"), "{}", picture.name);
    let bytes = download(&*api, &ticket, &note.remote_id, picture).await.unwrap();
    assert!(bytes.starts_with(b"GIF89a") && bytes.len() as u64 == picture.size_bytes);
    let log = note.attachments.iter().find(|file| file.name == "log.txt").unwrap();
    let bytes = download(&*api, &ticket, &note.remote_id, log).await.unwrap();
    assert_eq!(bytes, [0xc8, 0xd5, 0xd6, 0xbe], "in the encoding that it came with");
}

/// On a server that drops (`DESKBELL_RT_LIMIT=drop`) or cuts (`cut`) what is above 1,000,000 bytes.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs DESKBELL_RT_URL"]
async fn a_file_above_the_servers_limit_is_told() {
    let limit = setting("DESKBELL_RT_LIMIT", "");
    if limit.is_empty() {
        return;
    }
    let raw = Raw::log_in().await;
    let ticket = raw.open("Support", "limit").await;
    let mut shelf = Shelf::default();
    let small = shelf.put("小.bin", "application/octet-stream", vec![1; 10_000]);
    let large = shelf.put("大.bin", "application/octet-stream", vec![2; 1_500_000]);
    let api = api_with(shelf);
    let operation = operation(&ticket, reply("两个附件", vec![small, large]));
    for _ in 0..2 {
        let outcome = api.send(&operation).await;
        let Outcome::Rejected { code: Code::FileTooLarge, detail } = outcome else { panic!("{outcome:?}") };
        assert!(detail.contains("大.bin: ") && detail.contains("1000000") && !detail.contains("小.bin"), "{detail}");
    }
    assert_eq!(raw.count_of_marker(&ticket, &operation.marker).await, 1);
    let note = api.ticket(&ticket).await.unwrap().notes.pop().unwrap();
    let sound = note.attachments.iter().find(|file| file.name == "小.bin").unwrap();
    assert_eq!(download(&*api, &ticket, &note.remote_id, sound).await.unwrap(), vec![1; 10_000]);
    let hurt = note.attachments.iter().find(|file| file.name.starts_with("大.bin")).unwrap();
    let code = download(&*api, &ticket, &note.remote_id, hurt).await.unwrap_err().code;
    assert_eq!(code, if limit == "drop" { Code::FileMissing } else { Code::AnswerTruncated });
}
