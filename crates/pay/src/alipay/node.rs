//! Cuts a piece out of an answer exactly as it came.
//!
//! The gateway signs the text of one object inside its answer, blanks and escapes included. Reading the answer and
//! writing it again would sign something else, so the piece is found by walking over the text.

/// The object named `name` in the outermost object of `text`, from its `{` to its `}`. `None` when it is not there,
/// is not an object, or when the text ends before it does.
pub(super) fn object<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut walk = Walk {
        bytes: text.as_bytes(),
        at: 0,
    };
    walk.blanks();
    walk.take(b'{')?;
    loop {
        walk.blanks();
        let key = walk.string()?;
        walk.blanks();
        walk.take(b':')?;
        walk.blanks();
        let from = walk.at;
        let is_object = walk.peek() == Some(b'{');
        walk.value()?;
        // The key's own quotes are not part of its name.
        if text.get(key.0 + 1..key.1 - 1)? == name {
            return if is_object {
                text.get(from..walk.at)
            } else {
                None
            };
        }
        walk.blanks();
        walk.take(b',')?;
    }
}

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Walk<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, wanted: u8) -> Option<()> {
        (self.peek()? == wanted).then_some(())?;
        self.at += 1;
        Some(())
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Over a string; where it begins and ends, quotes included.
    fn string(&mut self) -> Option<(usize, usize)> {
        let from = self.at;
        self.take(b'"')?;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Some((from, self.at))
    }

    /// Over a value of any kind.
    fn value(&mut self) -> Option<()> {
        match self.peek()? {
            b'"' => self.string().map(drop),
            b'{' | b'[' => self.braces(),
            _ => {
                while !matches!(self.peek()?, b',' | b'}' | b']') {
                    self.at += 1;
                }
                Some(())
            }
        }
    }

    /// From an opening bracket to the one that closes it.
    fn braces(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Some(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value};

    use super::*;

    #[test]
    fn keeps_blanks_and_escapes_and_is_not_deceived_by_strings() {
        let cases = [
            (r#"{"n":{"a":1},"sign":"x"}"#, Some(r#"{"a":1}"#)),
            (
                r#" { "x" : "\"n\":{}" , "n" : { "a" : "b}\"{" , "u":"http:\/\/x" } , "sign":"x"}"#,
                Some(r#"{ "a" : "b}\"{" , "u":"http:\/\/x" }"#),
            ),
            (r#"{"x":{"n":{"a":1}},"n":{"a":2}}"#, Some(r#"{"a":2}"#)),
            (r#"{"x":[{"n":{}}, 1, true],"n":{}}"#, Some("{}")),
            (r#"{"n":[1]}"#, None),
            (r#"{"n":"{}"}"#, None),
            (r#"{"x":1}"#, None),
            (r#"{"n":{"a":"#, None),
            (r#"{"n":{"a":"\"}"#, None),
            (r#"[{"n":{}}]"#, None),
            ("", None),
            (r#"{"中":1,"n":{"文":"}"}}"#, Some(r#"{"文":"}"}"#)),
        ];
        for (text, expected) in cases {
            assert_eq!(object(text, "n"), expected, "{text}");
        }
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a-z{}\\[\\]\",:\\\\/中 ]{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map("[a-z{}\"\\\\]{0,4}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect::<Map<_, _>>())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_piece_is_what_was_put_in(
            before in values(),
            inside in proptest::collection::btree_map("[a-z{}\"\\\\]{0,4}", values(), 0..4),
            after in values(),
            is_pretty in any::<bool>(),
        ) {
            let inside = Value::Object(inside.into_iter().collect());
            let piece = if is_pretty {
                serde_json::to_string_pretty(&inside).unwrap()
            } else {
                inside.to_string()
            };
            let text = format!("{{\"a\": {before},\n\"n\":{piece} ,\"z\":{after}}}");
            prop_assert_eq!(object(&text, "n"), Some(piece.as_str()));
        }

        #[test]
        fn any_text_ends_in_an_answer(text in "[{}\\[\\]\",:\\\\n 中a1]{0,40}") {
            let _ = object(&text, "n");
        }
    }
}
