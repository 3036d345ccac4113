//! What is in a file, told from its bytes; a name only helps where bytes say nothing.

use deskbell_domain::file_name::is_program_name;
use deskbell_store::records::PreviewKind;
use encoding_rs::{Encoding, GB18030};

/// Bytes from the beginning that are looked at.
pub const HEAD_BYTES: usize = 64 * 1024;
/// Largest image that is shown, in bytes of the file.
pub const IMAGE_BYTES_MAX: u64 = 20 * 1024 * 1024;
/// Most pixels of an image that is shown: four bytes each when decoded.
pub const IMAGE_PIXELS_MAX: usize = 50_000_000;

/// Images that the webview decodes and whose size can be read without decoding.
const IMAGES: &[&str] = &["image/png", "image/jpeg", "image/gif", "image/webp"];

/// Beginnings of programs, installers, and links that start one.
const PROGRAM_STARTS: &[&[u8]] = &[
    b"\x7fELF",
    b"MZ",
    b"#!",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    // Mach-O for several processors, and Java classes.
    b"\xca\xfe\xba\xbe",
    b"\xca\xfe\xba\xbf",
    b"\0asm",
    b"!<arch>\ndebian",
    b"\xed\xab\xee\xdb",
    // A Windows shortcut: its size, and the class of shell links.
    b"L\0\0\0\x01\x14\x02\0",
    // A compiled Python file has no fixed start; a Windows help file has.
    b"ITSF",
    b"[Desktop Entry]",
    b"[InternetShortcut]",
    b"xar!",
];

/// Names inside a ZIP that make it a program, and inside a compound file that make it an installer or hold macros.
const PROGRAM_PARTS: &[&[u8]] = &[b"META-INF/MANIFEST.MF", b"AndroidManifest.xml", b"AppxManifest.xml", b"vbaProject.bin"];
/// The class of Windows installer packages, as a compound file's root entry holds it.
const INSTALLER_CLASS: &[u8] = b"\x84\x10\x0c\0\0\0\0\0\xc0\0\0\0\0\0\0F";

/// A kind of file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    pub mime: String,
    pub preview: PreviewKind,
}

impl Kind {
    /// From the first bytes ([`HEAD_BYTES`] or all) and the name.
    #[must_use]
    pub fn of(head: &[u8], name: &str) -> Self {
        let by_name = || mime_guess::from_path(name).first_raw();
        if let Some(found) = infer::get(head) {
            let mime = found.mime_type();
            let preview = if IMAGES.contains(&mime) { PreviewKind::Image } else { PreviewKind::None };
            // Office files are ZIPs and compound files: there the name knows more.
            let is_container = matches!(mime, "application/zip" | "application/x-ole-storage");
            let mime = by_name().filter(|_| is_container).unwrap_or(mime);
            let is_text = preview == PreviewKind::None && mime.starts_with("text/") && text_of(head, true).is_some();
            return Self { mime: mime.to_owned(), preview: if is_text { PreviewKind::Text } else { preview } };
        }
        let preview = if text_of(head, true).is_some() { PreviewKind::Text } else { PreviewKind::None };
        let fallback = if preview == PreviewKind::Text { "text/plain" } else { "application/octet-stream" };
        // A name that promises an image cannot make one of what is none.
        let mime = by_name().filter(|mime| !mime.starts_with("image/") || *mime == "image/svg+xml").unwrap_or(fallback);
        Self { mime: mime.to_owned(), preview }
    }
}

/// The image's kind, where it is one that is shown and not too large to be decoded.
#[must_use]
pub fn image_of(bytes: &[u8]) -> Option<&'static str> {
    let mime = infer::get(bytes).map(|found| found.mime_type()).filter(|mime| IMAGES.contains(mime))?;
    let size = imagesize::blob_size(bytes).ok()?;
    let pixels = size.width.checked_mul(size.height)?;
    (pixels > 0 && pixels <= IMAGE_PIXELS_MAX).then_some(mime)
}

/// The text of bytes in UTF-8 or GB18030 (which GBK is part of), or in UTF-16 where they begin by saying so. `is_cut`: more
/// follows, so the last character may be incomplete. `None` for what is no text.
#[must_use]
pub fn text_of(bytes: &[u8], is_cut: bool) -> Option<String> {
    let text = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) => {
            let (text, damaged) = encoding.decode_without_bom_handling(bytes.get(mark..)?);
            if damaged && !is_cut {
                return None;
            }
            text.into_owned()
        }
        None => utf8(bytes, is_cut).map(str::to_owned).or_else(|| gb18030(bytes, is_cut))?,
    };
    (!text.contains(is_no_text)).then_some(text)
}

fn utf8(bytes: &[u8], is_cut: bool) -> Option<&str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) if is_cut && error.error_len().is_none() => std::str::from_utf8(bytes.get(..error.valid_up_to())?).ok(),
        Err(_) => None,
    }
}

/// A cut character of GB18030 has up to three bytes.
fn gb18030(bytes: &[u8], is_cut: bool) -> Option<String> {
    let shorter = if is_cut { 3 } else { 0 };
    (0..=shorter).find_map(|less| {
        let whole = bytes.get(..bytes.len().checked_sub(less)?)?;
        GB18030.decode_without_bom_handling_and_without_replacement(whole).map(std::borrow::Cow::into_owned)
    })
}

/// Characters that texts do not have. Escape begins the colours of logs.
const fn is_no_text(one: char) -> bool {
    matches!(one, '\0'..='\u{8}' | '\u{b}' | '\u{e}'..='\u{1a}' | '\u{1c}'..='\u{1f}' | '\u{7f}')
}

/// Whether opening the file may run something: by any ending of its name, or by what it begins with.
#[must_use]
pub fn is_program(name: &str, head: &[u8]) -> bool {
    let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let start = start.get(start.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0)..).unwrap_or_default();
    let lower = start.get(..start.len().min(512)).unwrap_or_default().to_ascii_lowercase();
    let is_page =
        lower.starts_with(b"<!doctype html") || lower.starts_with(b"<html") || has(&lower, b"<script") || has(&lower, b"<svg");
    is_program_name(name)
        || is_page
        || PROGRAM_STARTS.iter().any(|known| head.starts_with(known) || start.starts_with(known))
        || (head.starts_with(b"PK") && PROGRAM_PARTS.iter().any(|part| has(head, part)))
        || (head.starts_with(b"\xd0\xcf\x11\xe0") && has(head, INSTALLER_CLASS))
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The smallest PNG header that says how large it is.
    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend_from_slice(&width.to_be_bytes());
        bytes.extend_from_slice(&height.to_be_bytes());
        bytes.extend_from_slice(&[8, 6, 0, 0, 0]);
        bytes
    }

    #[test]
    fn an_image_is_one_by_its_bytes_and_not_by_its_name() {
        assert_eq!(Kind::of(&png(2, 2), "evil.txt").preview, PreviewKind::Image);
        let disguised = Kind::of(b"#!/bin/sh\nrm -rf /\n", "holiday.png");
        assert_eq!((disguised.preview, disguised.mime.as_str()), (PreviewKind::Text, "text/x-shellscript"));
        assert_eq!(Kind::of(b"\x01\x02\x03", "x.png").mime, "application/octet-stream");
        assert_eq!(image_of(&png(4, 4)), Some("image/png"));
        assert_eq!(image_of(&png(60_000, 60_000)), None, "3.6 thousand million pixels are not decoded");
        assert_eq!(image_of(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), None);
    }

    #[test]
    fn texts_are_read_in_utf_8_and_gbk_even_when_cut_in_a_character() {
        let words = "错误：连接超时\r\n\terror 504 \u{1b}[31mred\u{1b}[0m\n";
        assert_eq!(text_of(words.as_bytes(), false).as_deref(), Some(words));
        let (gbk, _, _) = encoding_rs::GBK.encode(words);
        assert_eq!(text_of(&gbk, false).as_deref(), Some(words));
        assert_eq!(text_of(&gbk[..1], true).as_deref(), Some(""));
        assert_eq!(text_of(&gbk[..7], true).as_deref(), Some("错误："));
        assert_eq!(text_of(&"错误".as_bytes()[..4], true).as_deref(), Some("错"));
        assert_eq!(text_of(&"错误".as_bytes()[..5], false), None, "whole, and neither of the two");
        assert_eq!(text_of(b"\xff\xfeh\0i\0", false).as_deref(), Some("hi"));
        assert_eq!(text_of(b"a\0b", false), None);
        assert_eq!(text_of(&[0xff; 64], false), None);
    }

    #[test]
    fn programs_are_told_by_their_bytes_whatever_they_are_called() {
        let starts: [&[u8]; 12] = [
            b"\x7fELF\x02\x01",
            b"MZ\x90\0",
            b"#!/usr/bin/env python3\n",
            b"\xcf\xfa\xed\xfe\x07\0",
            b"\xca\xfe\xba\xbe\0\0",
            b"[Desktop Entry]\nExec=sh\n",
            b"\n\n[Desktop Entry]\nExec=sh\n",
            b"PK\x03\x04....META-INF/MANIFEST.MF",
            b"L\0\0\0\x01\x14\x02\0\0\0",
            b"!<arch>\ndebian-binary",
            b"\xef\xbb\xbf<!DOCTYPE html><body>",
            b"<?xml version='1.0'?><svg onload='x'/>",
        ];
        for start in starts {
            assert!(is_program("photo.jpg", start), "{start:?}");
        }
        let mut installer = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
        installer.extend_from_slice(&[0; 80]);
        installer.extend_from_slice(INSTALLER_CLASS);
        assert!(is_program("letter.doc", &installer));
        assert!(is_program("setup.exe", b"harmless"));
        for (name, head) in [
            ("a.txt", b"hello".as_slice()),
            ("a.png", b"\x89PNG\r\n\x1a\n"),
            ("a.pdf", b"%PDF-1.7"),
            ("a.docx", b"PK\x03\x04word/"),
        ] {
            assert!(!is_program(name, head), "{name}");
        }
    }
}
