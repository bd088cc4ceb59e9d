//! Text by its width on paper.
//!
//! A receipt printer in Chinese mode gives one column to an ASCII character and two to every
//! other one, whatever it looks like on a screen.

/// The width in columns.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}

/// The text as it may reach a printer: control characters become blanks, characters without a
/// width (joiners, marks of direction) are dropped, and the yuan sign takes the form the printers'
/// character set has.
pub(super) fn printable(text: &str) -> String {
    text.chars().filter_map(printable_char).collect()
}

/// The printable text in rows of at most `limit` columns. Rows end between two words where Latin
/// text allows it, and never inside a character. Nothing but blanks at the ends of rows is lost.
pub(super) fn wrap(text: &str, limit: usize) -> Vec<String> {
    let mut rows = Vec::new();
    let mut row = String::new();
    for ch in printable(text).trim().chars() {
        if columns(&row) + width(ch) > limit {
            let tail = word_tail(&row, ch);
            let rest = row.split_off(row.len() - tail);
            rows.push(row.trim_end().to_owned());
            row = rest;
        }
        if !(row.is_empty() && ch == ' ') {
            row.push(ch);
        }
    }
    if !row.is_empty() {
        rows.push(row);
    }
    rows
}

/// A name in rows of at most `limit` columns: broken before its bracket where both parts fit, and
/// into rows about as long as each other where not, so that no row holds a single character.
pub(super) fn title(text: &str, limit: usize) -> Vec<String> {
    let text = printable(text);
    let text = text.trim();
    if let Some(bracket) = text.find(['（', '(']).filter(|_| columns(text) > limit) {
        let parts = [text[..bracket].trim_end(), &text[bracket..]];
        if parts
            .iter()
            .all(|part| (1..=limit).contains(&columns(part)))
        {
            return parts.map(str::to_owned).to_vec();
        }
    }
    let rows = wrap(text, limit);
    let even = columns(text).div_ceil(rows.len().max(1));
    (even..limit)
        .map(|narrow| wrap(text, narrow))
        .find(|narrow| narrow.len() == rows.len())
        .unwrap_or(rows)
}

/// Two texts at the two edges of a row of exactly `limit` columns; where they do not fit beside
/// each other, the left one wraps and the right one stands at the end of the last row.
pub(super) fn pair(left: &str, right: &str, limit: usize) -> Vec<String> {
    let indent = left.len() - left.trim_start_matches(' ').len();
    let mut rows = wrap(left, limit - indent);
    for row in &mut rows {
        row.insert_str(0, &left[..indent]);
    }
    let mut ends = wrap(right, limit);
    if ends.len() == 1
        && rows
            .last()
            .is_some_and(|row| columns(row) + 1 + columns(&ends[0]) <= limit)
    {
        let row = rows.pop().unwrap_or_default();
        let end = ends.remove(0);
        let gap = " ".repeat(limit - columns(&row) - columns(&end));
        rows.push(row + &gap + &end);
    }
    for end in ends {
        rows.push(" ".repeat(limit - columns(&end)) + &end);
    }
    rows
}

/// Fen as yuan: `-0.05`, `1234.50`.
pub(super) fn yuan(fen: impl Into<i128>) -> String {
    let fen = fen.into();
    let sign = if fen < 0 { "-" } else { "" };
    let fen = fen.unsigned_abs();
    format!("{sign}{}.{:02}", fen / 100, fen % 100)
}

/// Thousandths as a number without trailing zeros: `2`, `1.25`, `-0.005`.
pub(super) fn quantity(milli: i64) -> String {
    let sign = if milli < 0 { "-" } else { "" };
    let milli = milli.unsigned_abs();
    let number = format!("{sign}{}.{:03}", milli / 1000, milli % 1000);
    number
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_owned()
}

fn width(ch: char) -> usize {
    if ch.is_ascii() { 1 } else { 2 }
}

fn printable_char(ch: char) -> Option<char> {
    match ch {
        '\u{00AD}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}' => None,
        '¥' => Some('￥'),
        '\u{2028}' | '\u{2029}' => Some(' '),
        _ if ch.is_control() => Some(' '),
        _ => Some(ch),
    }
}

// How many bytes at the end of a full row belong to the Latin word that `next` goes on with; none
// when the word began the row, because then it has to be split.
fn word_tail(row: &str, next: char) -> usize {
    if !next.is_ascii_alphanumeric() {
        return 0;
    }
    let before = row.trim_end_matches(|ch: char| ch.is_ascii_alphanumeric());
    if before.ends_with(' ') {
        row.len() - before.len()
    } else {
        0
    }
}
