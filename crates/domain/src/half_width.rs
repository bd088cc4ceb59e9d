//! Full-width forms turned into the ASCII they stand for.
//!
//! Chinese input methods type `０１２，．％` where a till expects `012,.%`. This module promises that
//! U+FF01–U+FF5E and the ideographic space become ASCII and every other character stays what it was.

/// The ASCII character a full-width form stands for, or the character itself.
pub fn half_width_char(ch: char) -> char {
    match ch {
        '\u{3000}' => ' ',
        '\u{FF01}'..='\u{FF5E}' => {
            char::from_u32(u32::from(ch) - 0xFEE0).expect("the block mirrors ASCII 21–7E")
        }
        _ => ch,
    }
}

/// The text with every full-width form replaced.
pub fn half_width(text: &str) -> String {
    text.chars().map(half_width_char).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_forms_become_ascii_and_hanzi_stay() {
        assert_eq!(half_width("６９０１，２％　Ａｚ～"), "6901,2% Az~");
        assert_eq!(half_width("可乐、。¥"), "可乐、。¥");
    }
}
