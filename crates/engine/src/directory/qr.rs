//! A number as a square to be read by a telephone's camera.

use deskbell_domain::Code;
use deskbell_domain::directory::TelUri;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

use crate::error::EngineError;

/// Longest text in a code, in bytes.
pub const QR_BYTES_MAX: usize = 1_000;
/// Width of a code, in pixels at 100 %.
const SIDE_PX: u32 = 224;

/// The code as SVG, black on white with its quiet zone. A telephone number becomes a `tel:` address; other text stays.
///
/// # Errors
/// `value_missing`, `text_too_long`.
pub fn qr_svg(text: &str) -> Result<String, EngineError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(EngineError::new(Code::ValueMissing).arg("field", "text"));
    }
    if text.len() > QR_BYTES_MAX {
        return Err(EngineError::new(Code::TextTooLong).arg("field", "text").arg("most", QR_BYTES_MAX.to_string()));
    }
    let text = TelUri::new(text).map_or_else(|| text.to_owned(), |uri| uri.as_str().to_owned());
    let code = QrCode::with_error_correction_level(text.as_bytes(), EcLevel::M)
        .map_err(|error| EngineError::with_detail(Code::TextTooLong, error.to_string()).arg("field", "text"))?;
    Ok(code.render::<svg::Color<'_>>().min_dimensions(SIDE_PX, SIDE_PX).build())
}
