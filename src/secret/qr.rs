//! QR codes (ISO/IEC 18004): as text for terminals, as SVG and as PNG, all with the
//! quiet zone of four modules that the standard asks for.

use qrcode::render::{svg, unicode::Dense1x2};
use qrcode::{EcLevel, QrCode};
use zeroize::Zeroizing;

use super::material::Revealed;
use super::wiped::WipedBytes;
use crate::error::{Error, Kind, Result};

/// Modules of light around a code.
const QUIET: usize = 4;
/// Pixels of a module in images.
const SCALE: u32 = 8;

/// What the terminal's background is; a scanner wants dark on light.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Background {
    /// Light text on dark: light modules are printed.
    #[default]
    Dark,
    /// Dark text on light: dark modules are printed.
    Light,
}

/// A QR code of some secret text.
pub struct Qr(QrCode);

impl std::fmt::Debug for Qr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Qr(…)")
    }
}

impl Qr {
    /// Encodes `text`, as an otpauth URI. The level of correction is L, the smallest
    /// code: screens do not tear, and terminals are small.
    ///
    /// # Errors
    /// `usage` (2) where the text is longer than a code holds (2,953 bytes).
    pub fn new(text: &Revealed) -> Result<Qr> {
        QrCode::with_error_correction_level(text.reveal(), EcLevel::L).map(Qr).map_err(|_| {
            Error::usage("this is too long for a QR code: a shorter issuer makes a shorter one")
        })
    }

    /// UTF-8 half blocks: two modules a character, one above the other.
    pub fn half_blocks(&self, background: Background) -> Revealed {
        let (dark, light) = match background {
            Background::Dark => (Dense1x2::Light, Dense1x2::Dark),
            Background::Light => (Dense1x2::Dark, Dense1x2::Light),
        };
        let text = self.0.render().dark_color(dark).light_color(light).build();
        with_end(text)
    }

    /// Plain ASCII, two characters a module, for dark text on a light background or paper.
    pub fn ascii(&self, background: Background) -> Revealed {
        let (dark, light) = match background {
            Background::Dark => (' ', '#'),
            Background::Light => ('#', ' '),
        };
        let text =
            self.0.render().module_dimensions(2, 1).dark_color(dark).light_color(light).build();
        with_end(text)
    }

    /// An SVG document, black on white.
    pub fn svg(&self) -> Revealed {
        let image = self.0.render::<svg::Color<'_>>().module_dimensions(SCALE, SCALE).build();
        with_end(image)
    }

    /// The bytes of a PNG, one bit a pixel, black on white.
    ///
    /// # Errors
    /// `bug` (70) where the encoder refuses; it writes to memory.
    pub fn png(&self) -> Result<WipedBytes> {
        let scale = SCALE as usize;
        let modules = self.0.width() + 2 * QUIET;
        let side = modules * scale;
        let mut rows = Zeroizing::new(Vec::with_capacity(side * side.div_ceil(8)));
        for y in 0..modules {
            // A module is eight pixels of one bit: a whole byte.
            let start = rows.len();
            rows.extend((0..modules).map(|x| if self.dark(x, y) { 0 } else { 0xff }));
            for _ in 1..scale {
                rows.extend_from_within(start..start + modules);
            }
        }
        let mut bytes = WipedBytes::default();
        encode_png(&mut bytes, side, &rows).map_err(|error| {
            Error::new(Kind::Bug, "bug", format!("the PNG of a QR code cannot be encoded: {error}"))
        })?;
        Ok(bytes)
    }

    /// Whether the module at this place, the quiet zone included, is dark.
    fn dark(&self, x: usize, y: usize) -> bool {
        let inside = QUIET..QUIET + self.0.width();
        inside.contains(&x)
            && inside.contains(&y)
            && self.0[(x - QUIET, y - QUIET)] == qrcode::Color::Dark
    }
}

/// With a line end; no copy without it is left.
fn with_end(text: String) -> Revealed {
    let text = Zeroizing::new(text);
    Revealed::new([text.as_str(), "\n"].concat())
}

fn encode_png(
    to: &mut WipedBytes,
    side: usize,
    rows: &[u8],
) -> std::result::Result<(), png::EncodingError> {
    let side = u32::try_from(side).unwrap_or(u32::MAX);
    let mut encoder = png::Encoder::new(to, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(rows)?;
    writer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const URI: &str = "otpauth://totp/mfactl:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=mfactl&algorithm=SHA1&digits=6&period=30";

    fn qr() -> Qr {
        Qr::new(&Revealed::new(URI.into())).unwrap()
    }

    /// Reads a picture as a scanner does.
    fn scan(width: usize, height: usize, dark: impl Fn(usize, usize) -> bool) -> String {
        let grey = |x, y| if dark(x, y) { 0 } else { 255 };
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, grey);
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1);
        grids[0].decode().unwrap().1
    }

    /// Reads rows of modules as a scanner does, each module four pixels wide.
    fn scan_modules(rows: &[Vec<bool>]) -> String {
        scan(rows[0].len() * 4, rows.len() * 4, |x, y| rows[y / 4][x / 4])
    }

    fn quiet(rows: &[Vec<bool>]) {
        let side = rows[0].len();
        for (y, row) in rows.iter().enumerate() {
            for (x, dark) in row.iter().enumerate() {
                let rim = x < 4 || y < 4 || x >= side - 4 || y >= side - 4;
                assert!(!(rim && *dark), "dark at {x},{y}");
            }
        }
    }

    #[test]
    fn half_blocks_can_be_scanned_on_either_background() {
        for background in [Background::Dark, Background::Light] {
            let shown = qr().half_blocks(background);
            let mut rows = Vec::new();
            for line in shown.reveal().lines() {
                let printed = |upper| {
                    move |c: char| match c {
                        '█' => true,
                        '▀' => upper,
                        '▄' => !upper,
                        ' ' => false,
                        other => panic!("{other:?}"),
                    }
                };
                for upper in [true, false] {
                    rows.push(
                        line.chars()
                            .map(printed(upper))
                            .map(|ink| ink == (background == Background::Light))
                            .collect::<Vec<bool>>(),
                    );
                }
            }
            // An odd number of modules: the last half row is not there.
            rows.truncate(rows[0].len());
            quiet(&rows);
            assert!(rows[0].len() <= 80, "it fits a terminal");
            assert_eq!(scan_modules(&rows), URI);
        }
    }

    #[test]
    fn ascii_can_be_scanned() {
        for (background, ink) in [(Background::Light, '#'), (Background::Dark, ' ')] {
            let shown = qr().ascii(background);
            assert!(shown.reveal().is_ascii());
            let rows: Vec<Vec<bool>> = shown
                .reveal()
                .lines()
                .map(|line| line.chars().step_by(2).map(|c| c == ink).collect())
                .collect();
            quiet(&rows);
            assert_eq!(scan_modules(&rows), URI);
        }
    }

    #[test]
    fn the_png_can_be_scanned() {
        let bytes = qr().png().unwrap();
        let decoder = png::Decoder::new(std::io::Cursor::new(&bytes[..]));
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        let dark = |x: usize, y: usize| pixels[y * info.line_size + x / 8] & (0x80 >> (x % 8)) == 0;
        assert_eq!(scan(info.width as usize, info.height as usize, dark), URI);
    }

    #[test]
    fn the_svg_is_one_path_on_white() {
        let svg = qr().svg();
        assert!(svg.reveal().starts_with("<?xml"));
        assert!(
            svg.reveal().contains("fill=\"#fff\"") && svg.reveal().contains("<path fill=\"#000\"")
        );
        assert!(!svg.reveal().contains("GEZD"));
    }

    #[test]
    fn what_is_too_long_is_refused() {
        assert_eq!(Qr::new(&Revealed::new("x".repeat(3_000))).unwrap_err().code, "usage");
    }
}
