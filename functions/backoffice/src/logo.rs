//! Logos: whatever an operator uploads is decoded within bounds and written anew, so nothing but pixels is kept.

use std::io::Cursor;

use domain::{FieldErrors, tenant::Picture};
use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageFormat, ImageReader, Limits, RgbaImage,
    codecs::png::{CompressionType, FilterType as PngFilter, PngEncoder},
    imageops::{FilterType, resize},
};
use store::secret;

/// Largest upload.
pub const MAX_UPLOAD_BYTES: usize = 512 * 1024;
/// Longest edge of an upload, in pixels.
const MAX_EDGE: u32 = 2_000;
/// Most memory a decoder may take: the largest picture with four bytes a pixel, and a little for itself.
const MAX_DECODING_BYTES: u64 = 2_000 * 2_000 * 4 + 8_000_000;
/// Heights and widths kept, the first that is light enough: four, three or two times what is shown, for dense screens.
const KEPT: [(u32, u32); 3] = [(160, 640), (120, 480), (80, 320)];
/// A file up to this size is light enough: the logo comes with the first page, which has 30 kB for everything.
const LIGHT_BYTES: usize = 12_000;
/// Height and width shown, in CSS pixels.
const SHOWN: (f64, f64) = (40.0, 240.0);
/// Field of errors and purpose of the hash in the name.
const FIELD: &str = "logo";

/// A logo ready to be kept and shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    /// Name with content hash, and the size in which it is shown.
    pub picture: Picture,
    /// The file itself: always PNG.
    pub png: Vec<u8>,
}

/// Reads an upload: PNG, JPEG or WebP of at most 512 kB and 2,000 × 2,000 pixels. SVG is refused, because it can carry
/// scripts.
///
/// # Errors
/// One error of the field `logo` with the code `too_large`, `unsupported` or `invalid`.
pub fn read(upload: &[u8]) -> Result<Logo, FieldErrors> {
    let refused = |code, message: &str| FieldErrors::one(FIELD, code, message);
    if upload.len() > MAX_UPLOAD_BYTES {
        return Err(refused("too_large", "must have at most 512 kB"));
    }
    let format = image::guess_format(upload).ok();
    let Some(format) = format.filter(|found| matches!(found, ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP))
    else {
        return Err(refused("unsupported", "must be a PNG, JPEG or WebP picture"));
    };
    let unreadable = || refused("invalid", "is broken or too large to be read");
    let mut reader = ImageReader::with_format(Cursor::new(upload), format);
    reader.limits(limits());
    let mut decoder = reader.into_decoder().map_err(|_| unreadable())?;
    let (width, height) = decoder.dimensions();
    if width > MAX_EDGE || height > MAX_EDGE || decoder.total_bytes() > MAX_DECODING_BYTES {
        return Err(refused("too_large", "must have at most 2000 by 2000 pixels"));
    }
    let orientation = decoder.orientation().map_err(|_| unreadable())?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|_| unreadable())?;
    picture.apply_orientation(orientation);
    let mut picture = picture.into_rgba8();
    let mut lightest = Err(unreadable());
    for size in KEPT {
        picture = scaled(picture, size);
        let png = encoded(&picture).map_err(|_| unreadable())?;
        let is_light = png.len() <= LIGHT_BYTES;
        lightest = Ok(Logo { picture: described(&picture, &png), png });
        if is_light {
            break;
        }
    }
    lightest
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_DECODING_BYTES);
    limits
}

/// Never larger than it was. Colours are weighted by their opacity, or transparent pixels would shine through edges.
fn scaled(mut picture: RgbaImage, (max_height, max_width): (u32, u32)) -> RgbaImage {
    let (width, height) = picture.dimensions();
    let factor = (f64::from(max_height) / f64::from(height)).min(f64::from(max_width) / f64::from(width));
    if factor >= 1.0 {
        return picture;
    }
    for pixel in picture.pixels_mut() {
        let [colours @ .., alpha] = &mut pixel.0;
        for colour in colours {
            *colour = divided(u32::from(*colour) * u32::from(*alpha), 255);
        }
    }
    let mut small = resize(&picture, pixels(width, factor), pixels(height, factor), FilterType::Lanczos3);
    for pixel in small.pixels_mut() {
        let [colours @ .., alpha] = &mut pixel.0;
        for colour in colours {
            *colour = divided(u32::from(*colour) * 255, u32::from(*alpha));
        }
    }
    small
}

/// A share rounded to a byte; of nothing it is nothing.
fn divided(value: u32, by: u32) -> u8 {
    let share = (value + by / 2).checked_div(by).unwrap_or_default();
    u8::try_from(share).unwrap_or(u8::MAX)
}

/// An edge after scaling, at least one pixel.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an edge has at most 2,000 pixels")]
fn pixels(edge: u32, factor: f64) -> u32 {
    ((f64::from(edge) * factor).round() as u32).max(1)
}

/// The smallest of what PNG's filters make of it: drawings like none, photographs like an adaptive one.
fn encoded(picture: &RgbaImage) -> image::ImageResult<Vec<u8>> {
    let (width, height) = picture.dimensions();
    let mut smallest: Option<Vec<u8>> = None;
    for filter in [PngFilter::NoFilter, PngFilter::Up, PngFilter::Adaptive] {
        let mut png = Vec::new();
        let encoder = PngEncoder::new_with_quality(&mut png, CompressionType::Best, filter);
        encoder.write_image(picture.as_raw(), width, height, ExtendedColorType::Rgba8)?;
        if smallest.as_ref().is_none_or(|smallest| png.len() < smallest.len()) {
            smallest = Some(png);
        }
    }
    Ok(smallest.unwrap_or_default())
}

fn described(kept: &RgbaImage, png: &[u8]) -> Picture {
    let (width, height) = kept.dimensions();
    let factor = (SHOWN.0 / f64::from(height)).min(SHOWN.1 / f64::from(width)).min(1.0);
    let shown = |edge| u16::try_from(pixels(edge, factor)).unwrap_or(u16::MAX);
    let hash = secret::mac(FIELD.as_bytes(), png);
    let hex = hash[..10].iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    Picture { file: format!("logo-{hex}.png"), width: shown(width), height: shown(height) }
}

#[cfg(test)]
mod tests {
    use image::{Rgba, RgbaImage};

    use super::*;

    fn file(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let picture = DynamicImage::ImageRgba8(RgbaImage::from_pixel(width, height, Rgba([0, 87, 184, 255])));
        let picture = if format == ImageFormat::Jpeg { DynamicImage::ImageRgb8(picture.into_rgb8()) } else { picture };
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn code(upload: &[u8]) -> &'static str {
        read(upload).unwrap_err().0[0].code
    }

    #[test]
    fn each_kind_becomes_a_small_png() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let logo = read(&file(1_600, 400, format)).unwrap();
            let kept = image::load_from_memory_with_format(&logo.png, ImageFormat::Png).unwrap();
            assert_eq!((kept.width(), kept.height()), (640, 160), "{format:?}");
            assert_eq!((logo.picture.width, logo.picture.height), (160, 40), "{format:?}");
            assert!(logo.picture.file.starts_with("logo-") && logo.picture.file.ends_with(".png"));
        }
    }

    #[test]
    fn a_heavy_logo_is_kept_smaller() {
        let mut seed = 1_u32;
        let noise = RgbaImage::from_fn(800, 200, |_, _| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [red, green, blue, _] = seed.to_be_bytes();
            Rgba([red, green, blue, 255])
        });
        let mut upload = Cursor::new(Vec::new());
        DynamicImage::ImageRgba8(noise).into_rgb8().write_to(&mut upload, ImageFormat::Jpeg).unwrap();
        let logo = read(upload.get_ref()).unwrap();
        let kept = image::load_from_memory(&logo.png).unwrap();
        assert_eq!((kept.width(), kept.height(), logo.picture.height), (320, 80, 40));
    }

    #[test]
    fn a_small_logo_stays_as_it_is_and_a_thin_one_keeps_a_pixel() {
        let shown = |width, height| {
            let picture = read(&file(width, height, ImageFormat::Png)).unwrap().picture;
            (picture.width, picture.height)
        };
        assert_eq!(shown(30, 20), (30, 20));
        assert_eq!(shown(2_000, 1), (240, 1));
        assert_eq!(shown(1, 2_000), (1, 40));
        assert_eq!(shown(640, 80), (240, 30));
    }

    #[test]
    fn the_name_is_that_of_the_content() {
        let name = |width| read(&file(width, 20, ImageFormat::Png)).unwrap().picture.file;
        assert_eq!(name(20), name(20));
        assert_ne!(name(20), name(21));
    }

    #[test]
    fn what_is_no_picture_or_too_large_is_refused() {
        assert_eq!(code(br#"<svg xmlns="http://www.w3.org/2000/svg"/>"#), "unsupported");
        assert_eq!(code(b"GIF89a"), "unsupported");
        assert_eq!(code(b""), "unsupported");
        assert_eq!(code(&vec![0x89; MAX_UPLOAD_BYTES + 1]), "too_large");
        let whole = file(40, 40, ImageFormat::Png);
        assert_eq!(code(&whole[..whole.len() / 2]), "invalid");
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            assert_eq!(code(&file(2_001, 10, format)), "too_large", "{format:?}");
            assert_eq!(code(&file(10, 2_001, format)), "too_large", "{format:?}");
        }
    }

    #[test]
    fn a_bomb_is_refused_before_it_is_unpacked() {
        // A tiny file that says it has 30,000 by 30,000 pixels: IHDR is patched, its checksum with it.
        let mut bomb = file(8, 8, ImageFormat::Png);
        bomb[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
        let checksum = crc(&bomb[12..29]).to_be_bytes();
        bomb[29..33].copy_from_slice(&checksum);
        assert_eq!(code(&bomb), "too_large");
    }

    /// CRC-32 as PNG uses it.
    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0_u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1)))
        })
    }

    #[test]
    fn nothing_but_pixels_is_kept() {
        let mut with_comment = file(20, 20, ImageFormat::Png);
        let chunk = [&[0, 0, 0, 9][..], b"tEXtCommentx\0", &crc(b"tEXtCommentx\0").to_be_bytes()].concat();
        with_comment.splice(33..33, chunk);
        assert_eq!(
            read(&with_comment).map(|logo| logo.png),
            read(&file(20, 20, ImageFormat::Png)).map(|logo| logo.png)
        );
    }

    #[test]
    fn transparent_pixels_do_not_colour_their_neighbours() {
        let half =
            RgbaImage::from_fn(1_000, 400, |x, _| if x < 500 { Rgba([255, 0, 0, 255]) } else { Rgba([0, 255, 0, 0]) });
        let small = scaled(half, (160, 640));
        assert!(small.pixels().filter(|pixel| pixel.0[3] > 8).all(|pixel| pixel.0[1] < 40));
    }
}
