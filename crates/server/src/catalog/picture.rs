//! A picture of a product, made small and safe.
//!
//! Promises: what is kept was encoded here, upright, without metadata, at most 1200 px wide and
//! high, with a thumbnail; the same picture gets the same name.
//! Refuses: anything but JPEG, PNG and WebP, more than 25 megapixels, more than 200 MB decoded.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::webp::WebPEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, ImageResult, Limits};

use crate::digest::sha256_hex;

const SIDE_MAX: u32 = 1200;
const THUMB_SIDE_MAX: u32 = 240;
const PIXELS_MAX: u64 = 25_000_000;
const SOURCE_SIDE_MAX: u32 = 20_000;
const DECODED_MAX_BYTES: u64 = 200_000_000;
const JPEG_QUALITY: u8 = 85;
/// Hexadecimal digits of a name.
const HASH_DIGITS: usize = 32;
const THUMB: &str = "-thumb";

/// A picture and its thumbnail, encoded.
#[derive(Debug)]
pub(super) struct Picture {
    /// What the picture is called.
    pub(super) name: PictureName,
    /// The picture.
    pub(super) full: Vec<u8>,
    /// The thumbnail.
    pub(super) thumb: Vec<u8>,
}

/// The name of a picture's file; nothing else is ever opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PictureName {
    hash: String,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Jpeg,
    WebP,
}

/// Reads a picture; `None` when it cannot be read or is too large.
pub(super) fn read(bytes: &[u8]) -> Option<Picture> {
    let picture = decode(bytes)?;
    match encode(&picture) {
        Ok(picture) => Some(picture),
        Err(error) => {
            tracing::warn!(%error, "a picture that could be read cannot be written");
            None
        }
    }
}

impl PictureName {
    /// A file name with or without the thumbnail's mark, and whether it has it.
    pub(super) fn parse(name: &str) -> Option<(PictureName, bool)> {
        let (stem, kind) = match name.split_once('.')? {
            (stem, "jpg") => (stem, Kind::Jpeg),
            (stem, "webp") => (stem, Kind::WebP),
            _ => return None,
        };
        let hash = stem.strip_suffix(THUMB);
        let is_thumb = hash.is_some();
        let hash = hash.unwrap_or(stem);
        let is_hash = hash.len() == HASH_DIGITS
            && hash
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        is_hash.then(|| {
            let hash = hash.to_owned();
            (PictureName { hash, kind }, is_thumb)
        })
    }

    /// The file of the picture.
    pub(super) fn full(&self) -> String {
        format!("{}.{}", self.hash, self.kind.extension())
    }

    /// The file of the thumbnail.
    pub(super) fn thumb(&self) -> String {
        format!("{}{THUMB}.{}", self.hash, self.kind.extension())
    }

    /// The media type of both.
    pub(super) fn media_type(&self) -> &'static str {
        match self.kind {
            Kind::Jpeg => "image/jpeg",
            Kind::WebP => "image/webp",
        }
    }
}

impl Kind {
    fn extension(self) -> &'static str {
        match self {
            Kind::Jpeg => "jpg",
            Kind::WebP => "webp",
        }
    }
}

fn decode(bytes: &[u8]) -> Option<DynamicImage> {
    let format = image::guess_format(bytes).ok()?;
    if !matches!(
        format,
        ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP
    ) {
        return None;
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(SOURCE_SIDE_MAX);
    limits.max_image_height = Some(SOURCE_SIDE_MAX);
    limits.max_alloc = Some(DECODED_MAX_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels > PIXELS_MAX || decoder.total_bytes() > DECODED_MAX_BYTES {
        return None;
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    picture.apply_orientation(orientation);
    Some(picture)
}

fn encode(picture: &DynamicImage) -> ImageResult<Picture> {
    let picture = fitted(picture, SIDE_MAX);
    let kind = if is_transparent(&picture) {
        Kind::WebP
    } else {
        Kind::Jpeg
    };
    let full = encode_as(kind, &picture)?;
    let thumb = encode_as(kind, &fitted(&picture, THUMB_SIDE_MAX))?;
    let mut hash = sha256_hex(&full);
    hash.truncate(HASH_DIGITS);
    Ok(Picture {
        name: PictureName { hash, kind },
        full,
        thumb,
    })
}

/// The picture in 8 bits, made smaller where it is larger.
fn fitted(picture: &DynamicImage, side_max: u32) -> DynamicImage {
    let is_large = picture.width() > side_max || picture.height() > side_max;
    let small = is_large.then(|| picture.resize(side_max, side_max, FilterType::CatmullRom));
    let small = small.as_ref().unwrap_or(picture);
    if small.has_alpha() {
        DynamicImage::ImageRgba8(small.to_rgba8())
    } else {
        DynamicImage::ImageRgb8(small.to_rgb8())
    }
}

fn is_transparent(picture: &DynamicImage) -> bool {
    picture
        .as_rgba8()
        .is_some_and(|pixels| pixels.pixels().any(|pixel| pixel.0[3] < u8::MAX))
}

fn encode_as(kind: Kind, picture: &DynamicImage) -> ImageResult<Vec<u8>> {
    let mut bytes = Vec::new();
    match kind {
        Kind::Jpeg => DynamicImage::ImageRgb8(picture.to_rgb8())
            .write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY))?,
        Kind::WebP => picture.write_with_encoder(WebPEncoder::new_lossless(&mut bytes))?,
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, RgbImage, Rgba, RgbaImage};

    fn png(picture: DynamicImage) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    fn size(bytes: &[u8]) -> (u32, u32) {
        let picture = image::load_from_memory(bytes).unwrap();
        (picture.width(), picture.height())
    }

    #[test]
    fn a_photo_becomes_a_small_jpeg_with_a_thumbnail() {
        let photo = RgbImage::from_fn(1500, 600, |x, y| Rgb([(x % 256) as u8, (y % 256) as u8, 9]));
        let bytes = png(DynamicImage::ImageRgb8(photo));
        let picture = read(&bytes).unwrap();
        assert_eq!(size(&picture.full), (1200, 480));
        assert_eq!(size(&picture.thumb), (240, 96));
        assert!(picture.name.full().ends_with(".jpg"));
        assert_eq!(read(&bytes).unwrap().name, picture.name);
    }

    #[test]
    fn what_shows_through_stays_so() {
        let logo = RgbaImage::from_pixel(20, 10, Rgba([200, 0, 0, 10]));
        let picture = read(&png(DynamicImage::ImageRgba8(logo))).unwrap();
        assert_eq!(picture.name.media_type(), "image/webp");
        assert_eq!(size(&picture.full), (20, 10));
    }

    #[test]
    fn refuses_what_is_no_picture_or_too_large() {
        let mut cut = png(DynamicImage::ImageRgb8(RgbImage::new(50, 50)));
        cut.truncate(40);
        let huge = png(DynamicImage::new_luma8(6000, 5000));
        for bytes in [b"GIF89a....".as_slice(), b"<svg/>", b"", &cut, &huge] {
            assert!(read(bytes).is_none(), "{} bytes", bytes.len());
        }
    }

    #[test]
    fn only_its_own_names_are_opened() {
        let hash = "0123456789abcdef0123456789abcdef";
        for (name, want) in [
            (format!("{hash}.jpg"), Some(false)),
            (format!("{hash}-thumb.webp"), Some(true)),
            (format!("{hash}.png"), None),
            (format!("{}.jpg", hash.to_uppercase()), None),
            (format!("../{hash}.jpg"), None),
            (format!("{hash}-thumb-thumb.jpg"), None),
            (format!("{hash}.jpg.part"), None),
            ("../../aisle.db".to_owned(), None),
            (String::new(), None),
        ] {
            let found = PictureName::parse(&name);
            assert_eq!(found.as_ref().map(|(_, thumb)| *thumb), want, "{name}");
            if let Some((picture, thumb)) = found {
                let back = if thumb {
                    picture.thumb()
                } else {
                    picture.full()
                };
                assert_eq!(back, name);
            }
        }
    }
}
