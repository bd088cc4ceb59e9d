//! What Alipay's codes mean. A code that is not here means nothing, so its call is unknown.

use crate::gateway::{Failure, Outcome};

/// What code and sub-code say about a call that was not done.
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
    /// There is no such trade.
    Absent,
    /// It is paid, or too old, or over: giving it up is not possible this way.
    NotNow,
    /// Anything may have happened.
    Unknown,
}

/// The sub-code without its family: `ACQ.SYSTEM_ERROR` is also spelt `AQC.SYSTEM_ERROR`.
pub(super) fn plain(sub_code: &str) -> &str {
    sub_code.split_once('.').map_or(sub_code, |(_, rest)| rest)
}

pub(super) fn class(code: &str, sub_code: &str) -> Class {
    match code {
        "10003" => Class::Pending,
        "20001" | "40001" | "40002" | "40006" => Class::Config,
        "40004" => business(plain(sub_code)),
        // 20000 is an error nobody knows, 40005 a limit: nothing was said about this call.
        _ => Class::Unknown,
    }
}

fn business(sub_code: &str) -> Class {
    match sub_code {
        "TRADE_HAS_SUCCESS" => Class::Paid,
        "TRADE_NOT_EXIST" => Class::Absent,
        "TRADE_STATUS_ERROR"
        | "REASON_TRADE_STATUS_INVALID"
        | "REASON_ILLEGAL_STATUS"
        | "CANCEL_NOT_ALLOWED"
        | "TRADE_CANCEL_TIME_OUT" => Class::NotNow,
        "INVALID_PARAMETER"
        | "ACCESS_FORBIDDEN"
        | "EXIST_FORBIDDEN_WORD"
        | "PARTNER_ERROR"
        | "TOTAL_FEE_EXCEED"
        | "PAYMENT_AUTH_CODE_INVALID"
        | "CONTEXT_INCONSISTENT"
        | "TRADE_HAS_CLOSE"
        | "BUYER_BALANCE_NOT_ENOUGH"
        | "BUYER_BANKCARD_BALANCE_NOT_ENOUGH"
        | "ERROR_BALANCE_PAYMENT_DISABLE"
        | "BUYER_SELLER_EQUAL"
        | "TRADE_BUYER_NOT_MATCH"
        | "BUYER_ENABLE_STATUS_FORBID"
        | "PULL_MOBILE_CASHIER_FAIL"
        | "MOBILE_PAYMENT_SWITCH_OFF"
        | "PAYMENT_FAIL"
        | "BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR"
        | "BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR"
        | "BEYOND_PAY_RESTRICTION"
        | "BEYOND_PER_RECEIPT_RESTRICTION"
        | "SELLER_BEEN_BLOCKED"
        | "PAYMENT_REQUEST_HAS_RISK"
        | "NO_PAYMENT_INSTRUMENTS_AVAILABLE"
        | "USER_FACE_PAYMENT_SWITCH_OFF"
        | "INVALID_STORE_ID"
        | "SELLER_BALANCE_NOT_ENOUGH"
        | "REFUND_AMT_NOT_EQUAL_TOTAL"
        | "REASON_TRADE_REFUND_FEE_ERR"
        | "REFUND_FEE_ERROR"
        | "DISCORDANT_REPEAT_REQUEST"
        | "TRADE_HAS_FINISHED"
        | "TRADE_NOT_ALLOW_REFUND"
        | "REASON_TRADE_BEEN_FREEZEN" => Class::Declined,
        _ => Class::Unknown,
    }
}

/// The outcome of a call that was to move money. A refund of a trade that is not there, or is over, moved none.
pub(super) fn moving<T>(class: Class, failure: Failure) -> Outcome<T> {
    match class {
        Class::Pending => Outcome::Pending,
        Class::Declined => Outcome::Declined(failure),
        Class::Config => Outcome::Config(failure),
        Class::Paid | Class::Absent | Class::NotNow | Class::Unknown => Outcome::Unknown(failure),
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
    fn codes_are_classed_as_described() {
        let table = [
            (Class::Pending, "10003", ""),
            (Class::Unknown, "20000", "isp.unknow-error"),
            (Class::Unknown, "20000", "aop.unknow-error"),
            (Class::Config, "20001", "aop.invalid-auth-token"),
            (Class::Config, "40001", "isv.missing-method"),
            (Class::Config, "40002", "isv.invalid-signature"),
            (Class::Config, "40002", "isv.invalid-app-id"),
            (Class::Unknown, "40005", "isv.app-call-limited"),
            (Class::Config, "40006", "isv.insufficient-isv-permissions"),
            (Class::Unknown, "40004", "ACQ.SYSTEM_ERROR"),
            (Class::Unknown, "40004", "AQC.SYSTEM_ERROR"),
            (Class::Unknown, "40004", "ACQ.REFUND_CHARGE_ERROR"),
            (Class::Unknown, "40004", "ACQ.SOMETHING_NEW"),
            (Class::Unknown, "40004", ""),
            (Class::Unknown, "", ""),
            (Class::Paid, "40004", "ACQ.TRADE_HAS_SUCCESS"),
            (Class::Absent, "40004", "ACQ.TRADE_NOT_EXIST"),
            (Class::NotNow, "40004", "ACQ.TRADE_STATUS_ERROR"),
            (Class::NotNow, "40004", "ACQ.REASON_TRADE_STATUS_INVALID"),
            (Class::NotNow, "40004", "ACQ.TRADE_CANCEL_TIME_OUT"),
        ];
        for (expected, code, sub_code) in table {
            assert_eq!(class(code, sub_code), expected, "{code} {sub_code}");
        }
    }

    #[test]
    fn definite_failures_are_declined() {
        let codes = "INVALID_PARAMETER ACCESS_FORBIDDEN EXIST_FORBIDDEN_WORD PARTNER_ERROR TOTAL_FEE_EXCEED \
             PAYMENT_AUTH_CODE_INVALID CONTEXT_INCONSISTENT TRADE_HAS_CLOSE BUYER_BALANCE_NOT_ENOUGH \
             BUYER_BANKCARD_BALANCE_NOT_ENOUGH ERROR_BALANCE_PAYMENT_DISABLE BUYER_SELLER_EQUAL \
             TRADE_BUYER_NOT_MATCH BUYER_ENABLE_STATUS_FORBID PULL_MOBILE_CASHIER_FAIL MOBILE_PAYMENT_SWITCH_OFF \
             PAYMENT_FAIL BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR \
             BEYOND_PAY_RESTRICTION BEYOND_PER_RECEIPT_RESTRICTION SELLER_BEEN_BLOCKED PAYMENT_REQUEST_HAS_RISK \
             NO_PAYMENT_INSTRUMENTS_AVAILABLE USER_FACE_PAYMENT_SWITCH_OFF INVALID_STORE_ID \
             SELLER_BALANCE_NOT_ENOUGH REFUND_AMT_NOT_EQUAL_TOTAL REASON_TRADE_REFUND_FEE_ERR REFUND_FEE_ERROR \
             DISCORDANT_REPEAT_REQUEST TRADE_HAS_FINISHED TRADE_NOT_ALLOW_REFUND REASON_TRADE_BEEN_FREEZEN";
        for code in codes.split_whitespace() {
            assert_eq!(
                class("40004", &format!("ACQ.{code}")),
                Class::Declined,
                "{code}"
            );
            assert_eq!(
                class("20000", &format!("ACQ.{code}")),
                Class::Unknown,
                "{code}"
            );
        }
    }
}
