//! What a till may report that is no order, and what each report may say.
//!
//! Promises: a report says what its kind has room for and nothing else, so that nothing can be passed off
//! as something it is not. Above all a till says nothing of who agreed: only the server writes that.
//! What a report is about may be left out.

use uuid::Uuid;

/// Something a till did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A line was taken out of the basket: which goods, and how many.
    VoidLine,
    /// The basket was emptied: its total.
    VoidBasket,
    /// The drawer was opened without a sale.
    DrawerOpen,
    /// A price was looked up: of which goods.
    PriceCheck,
    /// A receipt was printed again: of which order.
    Reprint,
    /// A code that nothing has was scanned: the code.
    ScanUnknown,
    /// A payment began: its amount, and why it failed.
    PaymentAttempt,
    /// Somebody signed in.
    SignIn,
    /// Somebody signed out.
    SignOut,
    /// The till was locked: why, when nobody locked it.
    Lock,
    /// The same person went on: how, when not by a PIN the server knows.
    Unlock,
    /// Another person went on: from whom.
    Switch,
}

/// The longest detail of all.
pub const DETAIL_MAX: usize = 200;
/// The name of goods and how many; two names of people.
const NAMES_MAX: usize = 140;
/// A long GS1 element string.
const CODE_MAX: usize = 120;
/// Amounts as they are shown, the longest error code.
const AMOUNT_MAX: usize = 20;
const REFUSAL_MAX: usize = 40;

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 12] = [
        Kind::VoidLine,
        Kind::VoidBasket,
        Kind::DrawerOpen,
        Kind::PriceCheck,
        Kind::Reprint,
        Kind::ScanUnknown,
        Kind::PaymentAttempt,
        Kind::SignIn,
        Kind::SignOut,
        Kind::Lock,
        Kind::Unlock,
        Kind::Switch,
    ];

    /// As stored and reported.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::VoidLine => "void_line",
            Kind::VoidBasket => "void_basket",
            Kind::DrawerOpen => "drawer_open",
            Kind::PriceCheck => "price_check",
            Kind::Reprint => "reprint",
            Kind::ScanUnknown => "scan_unknown",
            Kind::PaymentAttempt => "payment_attempt",
            Kind::SignIn => "sign_in",
            Kind::SignOut => "sign_out",
            Kind::Lock => "lock",
            Kind::Unlock => "unlock",
            Kind::Switch => "switch",
        }
    }

    /// The kind of this name.
    pub fn parse(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether a till may say this beside a report of this kind.
    pub fn admits(self, detail: &str) -> bool {
        detail.is_empty()
            || match self {
                Kind::DrawerOpen | Kind::SignIn | Kind::SignOut => false,
                Kind::VoidLine | Kind::PriceCheck | Kind::Switch => {
                    detail.chars().count() <= NAMES_MAX
                }
                Kind::ScanUnknown => detail.chars().count() <= CODE_MAX,
                Kind::Reprint => Uuid::try_parse(detail).is_ok(),
                Kind::VoidBasket => is_amount(detail),
                Kind::PaymentAttempt => match detail.split_once(' ') {
                    Some((amount, refusal)) => is_amount(amount) && is_refusal(refusal),
                    None => is_amount(detail),
                },
                Kind::Lock => matches!(detail, "idle" | "offline"),
                Kind::Unlock => detail == "offline",
            }
    }
}

/// `1,234.50`
fn is_amount(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    text.len() <= AMOUNT_MAX
        && digits.starts_with(|sign: char| sign.is_ascii_digit())
        && digits
            .chars()
            .all(|sign| sign.is_ascii_digit() || matches!(sign, ',' | '.'))
}

/// `price_changed`
fn is_refusal(text: &str) -> bool {
    let is_letter = |sign: char| sign.is_ascii_lowercase() || sign == '_';
    !text.is_empty() && text.len() <= REFUSAL_MAX && text.chars().all(is_letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_kinds() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.as_str()), Some(kind));
            assert!(kind.admits(""), "{kind:?} without a detail");
        }
        assert_eq!(Kind::parse("dance"), None);
    }

    #[test]
    fn a_report_says_what_its_kind_has_room_for() {
        let long = "可".repeat(NAMES_MAX + 1);
        let order = "0192f6a0-0000-7000-8000-000000000000";
        for (kind, detail, may) in [
            (Kind::VoidLine, "可乐 × 1.25", true),
            (Kind::VoidLine, &long, false),
            (Kind::PriceCheck, "可乐", true),
            (Kind::VoidBasket, "1,234.50", true),
            (Kind::VoidBasket, "可乐", false),
            (Kind::VoidBasket, "1".repeat(AMOUNT_MAX + 1).as_str(), false),
            (Kind::DrawerOpen, "boss", false),
            (Kind::Reprint, order, true),
            (Kind::Reprint, "the last one", false),
            (Kind::ScanUnknown, "6901234567892", true),
            (Kind::ScanUnknown, &long, false),
            (Kind::PaymentAttempt, "12.30", true),
            (Kind::PaymentAttempt, "12.30 price_changed", true),
            (Kind::PaymentAttempt, "12.30 Boss", false),
            (Kind::PaymentAttempt, "price_changed", false),
            (Kind::SignIn, "anna", false),
            (Kind::SignOut, "anna", false),
            (Kind::Lock, "idle", true),
            (Kind::Lock, "lunch", false),
            (Kind::Unlock, "offline", true),
            (Kind::Unlock, "idle", false),
            (Kind::Switch, "王 → 张", true),
        ] {
            assert_eq!(kind.admits(detail), may, "{kind:?} {detail}");
        }
    }
}
