//! What WeChat Pay's codes mean. A code that is not here means nothing, so its call is unknown.

use crate::gateway::{Failure, Outcome};

/// What a code says about the call that was answered with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// The customer has something to do.
    Pending,
    /// No money moved by this call.
    Declined,
    /// No money moved, and none will until the settings are put right.
    Config,
    /// Paid before: a query says by whom and how much.
    Paid,
    /// There is no such number.
    Absent,
    /// Anything may have happened.
    Unknown,
}

/// Which interface the code came from; the same word may weigh differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interface {
    /// XML.
    V2,
    /// JSON.
    V3,
}

/// The same code is written with and without `_`, depending on the interface and its year.
pub(super) fn plain(code: &str) -> String {
    code.chars().filter(|letter| *letter != '_').collect()
}

/// What `code` says. What only the other interface's table has means the same here.
pub(super) fn class(interface: Interface, code: &str) -> Class {
    let code = plain(code);
    let (own, other) = match interface {
        Interface::V2 => (v2(&code), v3(&code)),
        Interface::V3 => (v3(&code), v2(&code)),
    };
    own.or(other).unwrap_or(Class::Unknown)
}

fn v2(code: &str) -> Option<Class> {
    Some(match code {
        "USERPAYING" => Class::Pending,
        "SYSTEMERROR" | "BANKERROR" => Class::Unknown,
        "ORDERPAID" => Class::Paid,
        "ORDERNOTEXIST" => Class::Absent,
        "AUTHCODEEXPIRE" | "AUTHCODEERROR" | "AUTHCODEINVALID" | "NOTENOUGH" | "NOTSUPORTCARD"
        | "TRADEERROR" | "RULELIMIT" | "ORDERCLOSED" | "ORDERREVERSED" | "BUYERMISMATCH"
        | "OUTTRADENOUSED" => Class::Declined,
        "PARAMERROR" | "NOAUTH" | "XMLFORMATERROR" | "REQUIREPOSTMETHOD" | "SIGNERROR"
        | "LACKPARAMS" | "NOTUTF8" | "APPIDNOTEXIST" | "MCHIDNOTEXIST" | "APPIDMCHIDNOTMATCH"
        | "INVALIDREQUEST" => Class::Config,
        _ => return None,
    })
}

/// Every definite code of the newer interface leaves the money where it was. Of those, the ones that no other order
/// would fare better with are the settings' fault.
fn v3(code: &str) -> Option<Class> {
    Some(match code {
        "USERPAYING" => Class::Pending,
        "SYSTEMERROR" | "BANKERROR" | "FREQUENCYLIMITED" | "RATELIMITEXCEEDED" => Class::Unknown,
        "ORDERPAID" => Class::Paid,
        "ORDERNOTEXIST" | "RESOURCENOTEXISTS" => Class::Absent,
        "PARAMERROR" | "INVALIDREQUEST" | "ORDERCLOSED" | "TRADEERROR" | "RULELIMIT"
        | "OUTTRADENOUSED" | "NOTENOUGH" | "ACCOUNTERROR" | "REQUESTBLOCKED" => Class::Declined,
        "SIGNERROR" | "NOAUTH" | "APPIDMCHIDNOTMATCH" | "MCHNOTEXISTS" => Class::Config,
        _ => return None,
    })
}

/// The outcome of a call that was to move money.
pub(super) fn moving<T>(class: Class, failure: Failure) -> Outcome<T> {
    match class {
        Class::Pending => Outcome::Pending,
        Class::Declined => Outcome::Declined(failure),
        Class::Config => Outcome::Config(failure),
        Class::Paid | Class::Absent | Class::Unknown => Outcome::Unknown(failure),
    }
}

/// The outcome of a call that asked: being refused an answer says nothing of the money, so it never declines.
pub(super) fn asking<T>(class: Class, failure: Failure) -> Outcome<T> {
    match class {
        Class::Config => Outcome::Config(failure),
        _ => Outcome::Unknown(failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_the_older_interface_are_classed_as_described() {
        let table = [
            (
                Class::Unknown,
                "SYSTEMERROR BANKERROR SYSTEM_ERROR SOMETHING_NEW",
            ),
            (Class::Pending, "USERPAYING USER_PAYING"),
            (
                Class::Declined,
                "AUTHCODEEXPIRE AUTH_CODE_ERROR AUTH_CODE_INVALID NOTENOUGH NOT_ENOUGH NOTSUPORTCARD \
                 TRADE_ERROR RULELIMIT ORDERCLOSED ORDERREVERSED BUYER_MISMATCH OUT_TRADE_NO_USED",
            ),
            (Class::Paid, "ORDERPAID"),
            (
                Class::Config,
                "PARAM_ERROR NOAUTH XML_FORMAT_ERROR REQUIRE_POST_METHOD SIGNERROR LACK_PARAMS NOT_UTF8 \
                 APPID_NOT_EXIST MCHID_NOT_EXIST APPID_MCHID_NOT_MATCH INVALID_REQUEST",
            ),
            (Class::Absent, "ORDERNOTEXIST"),
        ];
        for (expected, codes) in table {
            for code in codes.split_whitespace() {
                assert_eq!(class(Interface::V2, code), expected, "{code}");
            }
        }
    }

    #[test]
    fn codes_of_the_newer_interface_are_classed_as_described() {
        let table = [
            (
                Class::Unknown,
                "SYSTEM_ERROR SYSTEMERROR BANK_ERROR FREQUENCY_LIMITED RATELIMIT_EXCEEDED SOMETHING_NEW",
            ),
            (Class::Pending, "USERPAYING"),
            (
                Class::Declined,
                "PARAM_ERROR INVALID_REQUEST ORDER_CLOSED TRADE_ERROR RULE_LIMIT RULELIMIT OUT_TRADE_NO_USED \
                 NOT_ENOUGH ACCOUNT_ERROR REQUEST_BLOCKED AUTH_CODE_EXPIRE",
            ),
            (Class::Paid, "ORDER_PAID ORDERPAID"),
            (
                Class::Config,
                "SIGN_ERROR NO_AUTH APPID_MCHID_NOT_MATCH MCH_NOT_EXISTS",
            ),
            (Class::Absent, "ORDER_NOT_EXIST RESOURCE_NOT_EXISTS"),
        ];
        for (expected, codes) in table {
            for code in codes.split_whitespace() {
                assert_eq!(class(Interface::V3, code), expected, "{code}");
            }
        }
    }

    #[test]
    fn a_refused_question_never_declines() {
        for class in [
            Class::Pending,
            Class::Declined,
            Class::Paid,
            Class::Absent,
            Class::Unknown,
        ] {
            let outcome: Outcome<()> = asking(class, Failure::default());
            assert!(matches!(outcome, Outcome::Unknown(_)), "{class:?}");
        }
    }
}
