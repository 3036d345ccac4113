//! Photos, made small enough to be sent by mail.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder as _, ImageReader, Limits};

/// Longer side of a photo in a document, in pixels.
pub const PICTURE_PIXELS_MAX: u32 = 1_400;
/// Most photos of one document.
pub const PICTURES_MAX: usize = 24;
const JPEG_QUALITY: u8 = 82;
/// Longest side of a photo that is opened.
const SIDE_MAX: u32 = 20_000;
/// Memory that opening one photo may take, in bytes.
const DECODE_BYTES_MAX: u64 = 400 * 1024 * 1024;

/// A JPEG no larger than [`PICTURE_PIXELS_MAX`], turned as the camera was held; `None` for what is no picture that is read
/// here.
pub(crate) fn smaller(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(DECODE_BYTES_MAX);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let orientation = decoder.orientation().ok();
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    if let Some(orientation) = orientation {
        picture.apply_orientation(orientation);
    }
    if picture.width().max(picture.height()) > PICTURE_PIXELS_MAX {
        picture = picture.thumbnail(PICTURE_PIXELS_MAX, PICTURE_PIXELS_MAX);
    }
    let mut jpeg = Vec::new();
    on_white(&picture).write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, JPEG_QUALITY)).ok()?;
    Some(jpeg)
}

/// JPEG has no transparency.
fn on_white(picture: &DynamicImage) -> DynamicImage {
    if !picture.color().has_alpha() {
        return DynamicImage::ImageRgb8(picture.to_rgb8());
    }
    let mut flat = image::RgbImage::from_pixel(picture.width(), picture.height(), image::Rgb([255, 255, 255]));
    for (below, above) in flat.pixels_mut().zip(picture.to_rgba8().pixels()) {
        let [red, green, blue, alpha] = above.0;
        let mix = |over: u8| {
            let (over, alpha) = (u16::from(over), u16::from(alpha));
            u8::try_from((over * alpha + 255 * (255 - alpha)) / 255).unwrap_or(255)
        };
        below.0 = [mix(red), mix(green), mix(blue)];
    }
    DynamicImage::ImageRgb8(flat)
}
