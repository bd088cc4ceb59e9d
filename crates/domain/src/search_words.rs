//! The words a text is found by, in texts that are Chinese, Latin and numbers at once.
//!
//! Promises: Latin letters and digits that stand together are one word; Chinese, which has no blanks, is
//! cut into pairs of neighbours, so any two characters that stand together are found. Capital and
//! full-width letters are the same as small ones.

use std::collections::BTreeSet;

use crate::half_width::half_width;

/// A longer word is kept by its beginning.
const WORD_CHARS_MAX: usize = 40;

/// A part of what is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// Found among the words.
    Word(String),
    /// A Chinese character by itself: words are pairs, so only the text itself can tell.
    Character(char),
}

/// The words of a text, each once.
pub fn words(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for run in runs(text) {
        match run.as_slice() {
            [first, second, ..] if is_han(*first) && is_han(*second) => {
                found.extend(run.windows(2).map(|pair| pair.iter().collect::<String>()));
            }
            _ => {
                found.insert(run.iter().take(WORD_CHARS_MAX).collect());
            }
        }
    }
    found
}

/// What a text must hold to be found by this query.
pub fn terms(query: &str) -> Vec<Term> {
    let mut found = Vec::new();
    for run in runs(query) {
        match run.as_slice() {
            [lone] if is_han(*lone) => found.push(Term::Character(*lone)),
            _ => {
                let text: String = run.into_iter().collect();
                found.extend(words(&text).into_iter().map(Term::Word));
            }
        }
    }
    found
}

/// Neighbours of one kind: Chinese, or letters and digits.
fn runs(text: &str) -> Vec<Vec<char>> {
    let mut runs: Vec<Vec<char>> = Vec::new();
    let mut open = false;
    for character in half_width(text).chars().flat_map(char::to_lowercase) {
        if !character.is_alphanumeric() {
            open = false;
            continue;
        }
        match runs.last_mut() {
            Some(run) if open && run.first().map(|c| is_han(*c)) == Some(is_han(character)) => {
                run.push(character);
            }
            _ => runs.push(vec![character]),
        }
        open = true;
    }
    runs
}

/// Chinese, Japanese and Korean characters, which are written without blanks.
fn is_han(character: char) -> bool {
    matches!(u32::from(character), 0x2E80..=0xDFFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole_in_latin_and_pairs_in_chinese() {
        for (text, want) in [
            ("Coca-Cola 500ML", vec!["500ml", "coca", "cola"]),
            ("可口可乐", vec!["口可", "可乐", "可口"]),
            ("可乐500ml装", vec!["500ml", "可乐", "装"]),
            ("６９０１２３", vec!["690123"]),
            ("--", vec![]),
            ("a.a", vec!["a"]),
        ] {
            assert_eq!(words(text).into_iter().collect::<Vec<_>>(), want, "{text}");
        }
    }

    #[test]
    fn a_query_asks_for_all_its_words_and_for_lone_characters() {
        let word = |text: &str| Term::Word(text.to_owned());
        assert_eq!(
            terms("可口可 Admin"),
            [word("口可"), word("可口"), word("admin")]
        );
        assert_eq!(terms("茶"), [Term::Character('茶')]);
        assert_eq!(terms(" ,. "), []);
    }

    #[test]
    fn every_part_of_a_text_is_found_by_its_own_words() {
        let text = words("绿叶酱油 12 号 price");
        for part in ["绿叶", "叶酱油", "12", "price", "酱油 12"] {
            for term in terms(part) {
                assert!(
                    matches!(term, Term::Word(word) if text.contains(&word)),
                    "{part}"
                );
            }
        }
    }
}
