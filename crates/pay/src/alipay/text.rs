//! The texts Alipay signs: parameters sorted by name, values as they are, and a piece of the answer as it came.

/// What is signed of a request: everything but `sign`, with `sign_type`.
pub fn request_text<'a>(params: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    joined(params, &["sign"])
}

/// What is signed of a report: neither `sign` nor `sign_type`.
pub fn notice_text<'a>(params: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    joined(params, &["sign", "sign_type"])
}

fn joined<'a>(params: impl IntoIterator<Item = (&'a str, &'a str)>, without: &[&str]) -> String {
    let mut params: Vec<_> = params
        .into_iter()
        .filter(|(name, value)| !without.contains(name) && !value.is_empty())
        .collect();
    params.sort_unstable();
    let pairs: Vec<_> = params
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_out_what_is_empty_and_sorts_by_name() {
        let params = [
            ("b", "2 &="),
            ("sign_type", "RSA2"),
            ("a", ""),
            ("sign", "x"),
            ("B", "1"),
        ];
        assert_eq!(request_text(params), "B=1&b=2 &=&sign_type=RSA2");
        assert_eq!(notice_text(params), "B=1&b=2 &=");
    }
}
