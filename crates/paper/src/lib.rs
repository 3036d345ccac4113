//! Briefs and reports as PDF: sets a [`PaperDocument`] with typst.
//!
//! Owns the layout, the fonts and the pictures. Must not know tickets, visits or the store. Invariants: what a person wrote
//! reaches typst as data only, never as markup, so that it is printed as it is and cannot do anything; a document with
//! Chinese in it is made with a Chinese font or not at all; nothing is read from disk but fonts, and nothing from a network.

mod drawing;
mod fonts;
mod picture;
mod text;
mod world;

use deskbell_domain::Code;
use deskbell_domain::paper::PaperDocument;
use typst::diag::SourceDiagnostic;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, pdf};

pub use fonts::CHINESE_FONTS;
pub use picture::{PICTURE_PIXELS_MAX, PICTURES_MAX};

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    /// No font of [`CHINESE_FONTS`] is on this machine.
    #[error("none of these fonts is installed: {}", CHINESE_FONTS.join(", "))]
    FontMissing,
    #[error("the typesetter failed: {0}")]
    Failed(String),
}

impl PaperError {
    /// Its name for people.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::FontMissing => Code::FontMissing,
            Self::Failed(_) => Code::PaperFailed,
        }
    }
}

/// The PDF of a document. Blocks for as long as typesetting takes: a second for the first, which looks for fonts.
///
/// # Errors
/// [`PaperError::FontMissing`] without a Chinese font; [`PaperError::Failed`] when typst refuses, which is a bug.
pub fn set(document: &PaperDocument) -> Result<Vec<u8>, PaperError> {
    set_with(fonts::of_this_machine(), document)
}

fn set_with(fonts: &fonts::Fonts, document: &PaperDocument) -> Result<Vec<u8>, PaperError> {
    let family = fonts.chinese().ok_or(PaperError::FontMissing)?;
    let world = world::PaperWorld::new(fonts, family, document)?;
    let compiled = typst::compile::<PagedDocument>(&world);
    for warning in &compiled.warnings {
        tracing::debug!(warning = %warning.message, "The typesetter warned.");
    }
    let paged = compiled.output.map_err(|errors| failed(&errors))?;
    let bytes = pdf(&paged, &PdfOptions::default()).map_err(|errors| failed(&errors));
    // What typst remembers of this document would stay for ever.
    typst::comemo::evict(0);
    bytes
}

fn failed(errors: &[SourceDiagnostic]) -> PaperError {
    let said: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
    PaperError::Failed(said.join("; "))
}

#[cfg(test)]
mod tests;
