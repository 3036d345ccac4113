//! The XML of WebDAV: what is asked, and answers read by name, whatever prefixes the server uses.

use deskbell_domain::Code;
use deskbell_remote::RemoteError;
use roxmltree::{Document, Node, ParsingOptions};

const DAV: &str = "DAV:";
const CALDAV: &str = "urn:ietf:params:xml:ns:caldav";
/// Most elements of an answer.
const NODES_MAX: u32 = 200_000;

pub(super) const ASK_PRINCIPAL: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<d:propfind xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:prop><d:current-user-principal/><c:calendar-home-set/><d:resourcetype/><d:displayname/><c:supported-calendar-component-set/></d:prop></d:propfind>"#;

/// What one response of a multistatus says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Response {
    pub(super) href: String,
    pub(super) principal: Option<String>,
    pub(super) home: Option<String>,
    pub(super) name: String,
    pub(super) is_calendar: bool,
    /// It takes events, or does not say what it takes.
    pub(super) takes_events: bool,
}

/// Reads a multistatus (RFC 4918, 13).
pub(super) fn responses(body: &[u8]) -> Result<Vec<Response>, RemoteError> {
    let text = std::str::from_utf8(body).map_err(|_| unexpected("the answer is no UTF-8"))?;
    // A document type can make a short answer very long: none is read.
    let options = ParsingOptions { allow_dtd: false, nodes_limit: NODES_MAX, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| unexpected(&format!("no XML: {error}")))?;
    let root = document.root_element();
    if !root.has_tag_name((DAV, "multistatus")) {
        return Err(unexpected("the answer is no multistatus"));
    }
    Ok(root.children().filter(|node| node.has_tag_name((DAV, "response"))).filter_map(response).collect())
}

fn unexpected(detail: &str) -> RemoteError {
    RemoteError::new(Code::AnswerUnexpected, detail)
}

fn response(node: Node<'_, '_>) -> Option<Response> {
    let mut found = Response { href: text_of(child(node, DAV, "href")?)?, takes_events: true, ..Response::default() };
    let found_props = node.children().filter(|node| node.has_tag_name((DAV, "propstat")) && is_ok(*node));
    for prop in found_props.filter_map(|stat| child(stat, DAV, "prop")).flat_map(|prop| prop.children()) {
        let name = prop.tag_name();
        match (name.namespace(), name.name()) {
            (Some(DAV), "current-user-principal") => found.principal = child(prop, DAV, "href").and_then(text_of),
            (Some(CALDAV), "calendar-home-set") => found.home = child(prop, DAV, "href").and_then(text_of),
            (Some(DAV), "displayname") => found.name = text_of(prop).unwrap_or_default(),
            (Some(DAV), "resourcetype") => found.is_calendar = child(prop, CALDAV, "calendar").is_some(),
            (Some(CALDAV), "supported-calendar-component-set") => {
                let mut kinds = prop.children().filter_map(|one| one.attribute("name")).peekable();
                found.takes_events = kinds.peek().is_none() || kinds.any(|kind| kind.eq_ignore_ascii_case("VEVENT"));
            }
            _ => {}
        }
    }
    Some(found)
}

fn is_ok(propstat: Node<'_, '_>) -> bool {
    // "HTTP/1.1 200 OK"
    let status = child(propstat, DAV, "status").and_then(text_of).unwrap_or_default();
    status.split_whitespace().nth(1).is_none_or(|code| code.starts_with('2'))
}

fn child<'a, 'input>(node: Node<'a, 'input>, namespace: &str, name: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|node| node.has_tag_name((namespace, name)))
}

fn text_of(node: Node<'_, '_>) -> Option<String> {
    let text = node.text()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// True for the precondition `no-uid-conflict` (RFC 4791, 5.3.2.1).
pub(super) fn is_uid_conflict(body: &[u8]) -> bool {
    std::str::from_utf8(body).is_ok_and(|text| text.contains("no-uid-conflict"))
}

/// Asks for the objects of a uid (RFC 4791, 7.8.6).
pub(super) fn uid_query(uid: &str) -> String {
    let uid = uid.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<c:calendar-query xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:prop><d:getetag/></d:prop><c:filter><c:comp-filter name="VCALENDAR"><c:comp-filter name="VEVENT"><c:prop-filter name="UID"><c:text-match collation="i;octet">{uid}</c:text-match></c:prop-filter></c:comp-filter></c:comp-filter></c:filter></c:calendar-query>"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_do_not_matter_and_what_failed_is_not_there() {
        let body = br#"<?xml version="1.0"?><D:multistatus xmlns:D="DAV:" xmlns:X="urn:ietf:params:xml:ns:caldav">
<D:response><D:href>/u/work/</D:href>
 <D:propstat><D:prop><D:displayname>Work</D:displayname><D:resourcetype><D:collection/><X:calendar/></D:resourcetype>
 <X:supported-calendar-component-set><X:comp name="VTODO"/><X:comp name="VEVENT"/></X:supported-calendar-component-set></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>
 <D:propstat><D:prop><X:calendar-home-set><D:href>/no/</D:href></X:calendar-home-set></D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>
</D:response></D:multistatus>"#;
        let found = responses(body).unwrap();
        let work = Response {
            href: "/u/work/".into(),
            name: "Work".into(),
            is_calendar: true,
            takes_events: true,
            ..Response::default()
        };
        assert_eq!(found, [work]);
    }

    #[test]
    fn bombs_and_pages_are_refused() {
        let bomb = br#"<?xml version="1.0"?><!DOCTYPE m [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><m>&b;</m>"#;
        for body in [bomb.as_slice(), b"<html><body>hello</body></html>", b"\xff\xfe", b""] {
            assert_eq!(responses(body).unwrap_err().code, Code::AnswerUnexpected);
        }
    }
}
