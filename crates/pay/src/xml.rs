//! The flat XML of WeChat Pay's older interface: `<xml><name>value</name>…</xml>`.
//!
//! Only that form is read. A document type, an entity that is not one of XML's own five, a name that comes twice or
//! an element within an element refuses the whole.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::escape::{escape, resolve_predefined_entity};
use quick_xml::events::{BytesRef, Event};

/// Names and values, sorted by name.
pub(crate) type Fields = BTreeMap<String, String>;

/// Writes fields; values are escaped here, after they were signed.
pub(crate) fn write<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let inner: String = fields
        .into_iter()
        .map(|(name, value)| format!("<{name}>{}</{name}>", escape(value)))
        .collect();
    format!("<xml>{inner}</xml>")
}

/// Reads fields; `None` for anything but a flat document.
pub(crate) fn read(bytes: &[u8]) -> Option<Fields> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut reading = Reading::default();
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => reading.open(tag.name().as_ref())?,
            Event::End(_) => reading.close()?,
            Event::Empty(tag) => {
                reading.open(tag.name().as_ref())?;
                reading.close()?;
            }
            Event::Text(text) => reading.add(&text)?,
            Event::CData(text) => reading.add(&text)?,
            Event::GeneralRef(reference) => reading.add(&resolved(&reference)?)?,
            Event::Decl(_) | Event::Comment(_) => {}
            Event::DocType(_) | Event::PI(_) => return None,
            Event::Eof => return reading.finish(),
        }
    }
}

fn resolved(reference: &BytesRef<'_>) -> Option<String> {
    if let Some(letter) = reference.resolve_char_ref().ok()? {
        return Some(letter.to_string());
    }
    resolve_predefined_entity(reference).map(str::to_owned)
}

#[derive(Default)]
struct Reading {
    fields: Fields,
    depth: usize,
    is_over: bool,
    name: String,
    value: String,
}

impl Reading {
    fn open(&mut self, name: &str) -> Option<()> {
        match self.depth {
            0 if name == "xml" && !self.is_over => {}
            1 => {
                self.name = name.to_owned();
                self.value.clear();
            }
            _ => return None,
        }
        self.depth += 1;
        Some(())
    }

    fn close(&mut self) -> Option<()> {
        self.depth = self.depth.checked_sub(1)?;
        if self.depth == 0 {
            self.is_over = true;
            return Some(());
        }
        let before = self.fields.insert(
            std::mem::take(&mut self.name),
            std::mem::take(&mut self.value),
        );
        before.is_none().then_some(())
    }

    /// Between elements there may be blanks only.
    fn add(&mut self, text: &str) -> Option<()> {
        if self.depth == 2 {
            self.value.push_str(text);
            return Some(());
        }
        text.trim().is_empty().then_some(())
    }

    fn finish(self) -> Option<Fields> {
        (self.is_over && self.depth == 0).then_some(self.fields)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_what_a_gateway_sends() {
        let fields = read(
            "\u{feff}<?xml version=\"1.0\"?>\n<xml>\n <a><![CDATA[1 < 2 & 3]]></a>\r\n<b>x&amp;y&#20013;</b><c/></xml>\n"
                .as_bytes(),
        )
        .unwrap();
        let expected = [("a", "1 < 2 & 3"), ("b", "x&y中"), ("c", "")];
        assert_eq!(
            fields,
            expected
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into()
        );
    }

    #[test]
    fn refuses_everything_that_is_not_flat() {
        let refused = [
            "",
            "not xml",
            "<xml><a>1</a>",
            "<xml><a>1</b></xml>",
            "<other><a>1</a></other>",
            "<xml><a><b>1</b></a></xml>",
            "<xml><a>1</a><a>2</a></xml>",
            "<xml><a>1</a></xml><xml><b>2</b></xml>",
            "<xml>text<a>1</a></xml>",
            "<xml><a>&other;</a></xml>",
            "<!DOCTYPE xml [<!ENTITY e \"1\">]><xml><a>&e;</a></xml>",
            "<!DOCTYPE xml [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><xml><a>1</a></xml>",
            "<?xml-stylesheet href=\"x\"?><xml><a>1</a></xml>",
        ];
        for text in refused {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
        assert_eq!(read(b"<xml><a>\xff</a></xml>"), None);
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_again(
            fields in proptest::collection::btree_map("[a-z][a-z_0-9]{0,9}", "[ -~中文&<>'\"]{0,20}", 0..6),
        ) {
            let pairs = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            prop_assert_eq!(read(write(pairs).as_bytes()), Some(fields.clone()));
        }

        #[test]
        fn any_bytes_end_in_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = read(&bytes);
        }
    }
}
