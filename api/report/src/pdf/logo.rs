//! Logo on the cover.

use typst::foundations::Bytes;

use super::error::PdfError;
use super::source::Source;
use super::world::Paper;

/// File name of the logo in the typst source; typst recognizes the format by the content.
const NAME: &str = "logo";

/// An image that can be printed.
#[derive(Clone, Debug)]
pub struct Logo(Bytes);

impl Logo {
    /// Checks that an image can be printed.
    ///
    /// # Errors
    /// Fails when the bytes are no PNG, JPEG, WebP or SVG image.
    pub fn new(bytes: Vec<u8>) -> Result<Self, PdfError> {
        let logo = Self(Bytes::new(bytes));
        let mut source = Source::default();
        let name = logo.add_to(&mut source);
        source.put(&format!(
            "#set document(title: \"Logo\")\n#image({name}, alt: \"Logo\", width: 1cm)"
        ));
        let paper = Paper::new(source);
        match paper.document().and_then(|document| paper.pdf(&document)) {
            Err(PdfError::Typst(message)) => Err(PdfError::Logo(message)),
            Err(error) => Err(error),
            Ok(_) => Ok(logo),
        }
    }

    /// Adds the logo to the images of a source, and returns its name as a typst value.
    pub(super) fn add_to(&self, source: &mut Source) -> String {
        source.images.push((NAME.to_owned(), self.0.clone()));
        format!("\"/{NAME}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_images_are_logos() {
        let square = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\">\
                      <rect width=\"9\" height=\"9\"/></svg>";
        assert!(Logo::new(square.as_bytes().to_vec()).is_ok());
        let broken = Logo::new(b"\x89PNG\r\n\x1a\nnothing".to_vec()).unwrap_err().to_string();
        for message in [broken, Logo::new(b"a text".to_vec()).unwrap_err().to_string()] {
            assert!(message.contains("PNG, JPEG, WebP or SVG"), "{message}");
        }
    }
}
