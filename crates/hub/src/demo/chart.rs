//! A chart as a PNG (ISO/IEC 15948), drawn and written by hand: small, and the same for the same seed.

use rand::{Rng, rngs::StdRng};

const WIDTH: usize = 320;
const HEIGHT: usize = 120;
/// Paper, grid, line, area below the line, alarm.
const PALETTE: [[u8; 3]; 5] = [[252, 252, 250], [226, 226, 222], [58, 94, 140], [205, 218, 234], [192, 57, 43]];
/// Longest stored block of a deflate stream, in bytes (RFC 1951).
const STORED_BYTES_MAX: usize = 65_535;

/// Latency over time, with one bad stretch.
pub(super) fn latency_png(rng: &mut StdRng) -> Vec<u8> {
    let bad_from = rng.random_range(WIDTH / 4..WIDTH / 2);
    let bad_to = bad_from + rng.random_range(WIDTH / 10..WIDTH / 4);
    let mut height = 24.0_f64;
    let mut heights = Vec::with_capacity(WIDTH);
    for column in 0..WIDTH {
        let wanted = if (bad_from..bad_to).contains(&column) { 92.0 } else { 24.0 };
        height += (wanted - height) * 0.2 + rng.random_range(-4.0..4.0);
        heights.push(height.clamp(3.0, 110.0));
    }
    let mut rows = Vec::with_capacity(HEIGHT * (WIDTH + 1));
    for row in 0..HEIGHT {
        // Every row begins with its filter: none.
        rows.push(0);
        let level = HEIGHT - row;
        rows.extend(heights.iter().enumerate().map(|(column, height)| colour(level, column, *height)));
    }
    png(&rows)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "heights are between 3 and 110")]
fn colour(level: usize, column: usize, height: f64) -> u8 {
    let height = height as usize;
    match level {
        level if level.abs_diff(height) <= 1 && height > 70 => 4,
        level if level.abs_diff(height) <= 1 => 2,
        level if level < height => 3,
        level if level.is_multiple_of(30) || column.is_multiple_of(40) => 1,
        _ => 0,
    }
}

fn png(rows: &[u8]) -> Vec<u8> {
    let size = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes();
    let mut header = Vec::new();
    header.extend(size(WIDTH));
    header.extend(size(HEIGHT));
    // Eight bits a pixel, colours from a palette, nothing interlaced.
    header.extend([8, 3, 0, 0, 0]);
    let mut file = vec![0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n'];
    for (name, content) in [(b"IHDR", header), (b"PLTE", PALETTE.concat()), (b"IDAT", stored_zlib(rows)), (b"IEND", Vec::new())] {
        let mut named = name.to_vec();
        named.extend(&content);
        file.extend(size(content.len()));
        file.extend(&named);
        file.extend(crc32(&named).to_be_bytes());
    }
    file
}

/// A zlib stream that compresses nothing (RFC 1950).
fn stored_zlib(bytes: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let blocks = bytes.chunks(STORED_BYTES_MAX).count();
    for (number, block) in bytes.chunks(STORED_BYTES_MAX).enumerate() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        stream.push(u8::from(number + 1 == blocks));
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(block);
    }
    let (mut low, mut high) = (1_u32, 0_u32);
    for byte in bytes {
        low = (low + u32::from(*byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    stream.extend((high << 16 | low).to_be_bytes());
    stream
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_their_standards() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(stored_zlib(b"Wikipedia")[2 + 5 + 9..], 0x11e6_0398_u32.to_be_bytes());
    }
}
