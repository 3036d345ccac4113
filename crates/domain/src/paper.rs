//! A document as blocks, before it is set: what a report says, in which order. No markup: every text is shown as it is.

use serde::Serialize;

/// In which language a document is hyphenated and read aloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PaperLanguage {
    #[default]
    Zh,
    En,
}

/// How much a line asks for attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    #[default]
    Plain,
    Quiet,
    Good,
    Soon,
    Late,
}

/// Text with its tone.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Cell {
    pub text: String,
    pub tone: Tone,
}

impl Cell {
    /// Without a tone of its own.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: Tone::Plain }
    }

    #[must_use]
    pub fn toned(text: impl Into<String>, tone: Tone) -> Self {
        Self { text: text.into(), tone }
    }
}

/// A line that was to be done.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct CheckLine {
    pub done: bool,
    pub text: String,
    pub finding: String,
}

/// A picture of the document, by its place among the document's pictures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Figure {
    pub picture: usize,
    pub caption: String,
}

/// A piece of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Block {
    /// Level 1 to 3.
    Heading {
        level: u8,
        text: String,
        beside: String,
    },
    /// Lines break where the text breaks them.
    Text {
        text: String,
        tone: Tone,
    },
    /// Names and values.
    Facts {
        rows: Vec<(String, Cell)>,
    },
    /// `widths` are shares of the line; the head is said again on each page.
    Table {
        head: Vec<String>,
        widths: Vec<u8>,
        rows: Vec<Vec<Cell>>,
    },
    /// Words of somebody, with who and when beneath.
    Quote {
        text: String,
        by: String,
    },
    Checklist {
        lines: Vec<CheckLine>,
    },
    Figures {
        figures: Vec<Figure>,
    },
    /// A drawn signature as the `d` of an SVG path, or none, over a name and a time.
    Signature {
        drawing: Option<String>,
        name: String,
        beneath: String,
    },
}

/// A document.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct PaperDocument {
    pub language: PaperLanguage,
    pub title: String,
    pub subtitle: String,
    /// At the foot of each page, beside the page's number.
    pub footer: String,
    pub blocks: Vec<Block>,
    /// Bytes of image files, as they were attached.
    #[serde(skip)]
    pub pictures: Vec<Vec<u8>>,
}
