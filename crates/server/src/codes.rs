//! Every error code: its name, HTTP status, whether sending again can help, and a title.
//!
//! Clients switch on the name. A test checks that each has a zh-CN and an en text.

use axum::http::StatusCode;

/// One row of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// What clients switch on.
    pub name: &'static str,
    /// HTTP status.
    pub status: StatusCode,
    /// Whether the same request can work later.
    pub retryable: bool,
    /// One English sentence for engineers.
    pub title: &'static str,
}

macro_rules! codes {
    ($($constant:ident = $name:literal, $status:ident, $retry:literal, $title:literal;)+) => {
        $(
            #[doc = $title]
            pub const $constant: Code = Code {
                name: $name, status: StatusCode::$status, retryable: $retry, title: $title,
            };
        )+

        /// The whole table.
        pub const ALL: &[Code] = &[$($constant,)+];
    };
}

codes! {
    INVALID_REQUEST = "invalid_request", UNPROCESSABLE_ENTITY, false, "The request is not of the form this call takes.";
    CARD_NUMBER = "card_number", UNPROCESSABLE_ENTITY, false, "A number of a payment card must not be written down.";
    BODY_TOO_LARGE = "body_too_large", PAYLOAD_TOO_LARGE, false, "The body is larger than this call takes.";
    NOT_FOUND = "not_found", NOT_FOUND, false, "There is no such thing here.";
    METHOD_NOT_ALLOWED = "method_not_allowed", METHOD_NOT_ALLOWED, false, "This address does not take this method.";
    BAD_CREDENTIALS = "bad_credentials", UNAUTHORIZED, false, "The user name or the password is wrong.";
    SECOND_FACTOR_NEEDED = "second_factor_needed", UNAUTHORIZED, false, "The password is right; a code of the second factor is needed too.";
    SECOND_FACTOR_REQUIRED = "second_factor_required", FORBIDDEN, false, "Set up a second factor first: this shop requires one of you.";
    SECOND_FACTOR_SET = "second_factor_set", CONFLICT, false, "There is a second factor already; take it away first.";
    UNAUTHENTICATED = "unauthenticated", UNAUTHORIZED, false, "Sign in first: the token is missing, unknown or expired.";
    TOO_MANY_ATTEMPTS = "too_many_attempts", TOO_MANY_REQUESTS, false, "Too many wrong tries; none is looked at until the time given.";
    BAD_PIN = "bad_pin", FORBIDDEN, false, "The person or the PIN is wrong.";
    BAD_CODE = "bad_code", FORBIDDEN, false, "The one-time code is wrong, used or too old.";
    BAD_CHALLENGE = "bad_challenge", UNAUTHORIZED, false, "The challenge is not of this server, used or too old.";
    TERMINAL_REVOKED = "terminal_revoked", CONFLICT, false, "The till was ended.";
    BAD_SECOND_FACTOR = "bad_second_factor", FORBIDDEN, false, "The code of the second factor is wrong or was used already.";
    WEAK_PASSWORD = "weak_password", UNPROCESSABLE_ENTITY, false, "The password is too easy to guess.";
    WEAK_PIN = "weak_pin", UNPROCESSABLE_ENTITY, false, "The PIN is too easy to guess.";
    APPROVAL_NEEDED = "approval_needed", FORBIDDEN, false, "A second person who may do this must agree.";
    APPROVER_DENIED = "approver_denied", FORBIDDEN, false, "This person may not agree to it.";
    BEYOND_OWN_RIGHTS = "beyond_own_rights", FORBIDDEN, false, "Nobody gives away more than they hold.";
    LAST_ADMIN = "last_admin", CONFLICT, false, "Somebody must be left who may do everything.";
    DENIED = "denied", FORBIDDEN, false, "You do not hold the permission this needs.";
    CROSS_ORIGIN = "cross_origin", FORBIDDEN, false, "A page of another site may not do this.";
    TOO_MANY_REQUESTS = "too_many_requests", TOO_MANY_REQUESTS, true, "Too many requests; wait a moment.";
    TERMINAL_REQUIRED = "terminal_required", UNPROCESSABLE_ENTITY, false, "Only an enrolled till can do this.";
    SECRET_UNREADABLE = "secret_unreadable", INTERNAL_SERVER_ERROR, false, "A sealed secret cannot be opened: the server's key is missing or another one.";
    TROUBLE = "trouble", INTERNAL_SERVER_ERROR, true, "Something failed on our side; try again.";
    UNAVAILABLE = "unavailable", SERVICE_UNAVAILABLE, true, "The database cannot be reached just now.";
    BUSY = "busy", SERVICE_UNAVAILABLE, true, "Too many sales are waiting; send again.";
    UNKNOWN_BARCODE = "unknown_barcode", NOT_FOUND, false, "No product has this barcode.";
    UNKNOWN_PRODUCT = "unknown_product", UNPROCESSABLE_ENTITY, false, "No product has this id.";
    BAD_CHECK_DIGIT = "bad_check_digit", UNPROCESSABLE_ENTITY, false, "The barcode's check digit is wrong.";
    BAD_QUANTITY = "bad_quantity", UNPROCESSABLE_ENTITY, false, "This quantity cannot be.";
    OUT_OF_STOCK = "out_of_stock", CONFLICT, false, "Too little is left.";
    NOT_FOR_SALE = "not_for_sale", CONFLICT, false, "The product is not sold.";
    EXPIRED_GOODS = "expired_goods", CONFLICT, false, "The goods have expired.";
    PRICE_CHANGED = "price_changed", CONFLICT, false, "The total is not what the till expected.";
    INSUFFICIENT_TENDER = "insufficient_tender", UNPROCESSABLE_ENTITY, false, "The money given does not cover the total.";
    ORDER_ID_REUSED = "order_id_reused", UNPROCESSABLE_ENTITY, false, "This id belongs to another request.";
    ORDER_NOT_PAYABLE = "order_not_payable", CONFLICT, false, "The order is not waiting for payment.";
    PAYMENT_PENDING = "payment_pending", CONFLICT, true, "A payment of this order is under way.";
    AMOUNT_ABOVE_DUE = "amount_above_due", UNPROCESSABLE_ENTITY, false, "Less is to be paid than this.";
    BAD_AUTH_CODE = "bad_auth_code", UNPROCESSABLE_ENTITY, false, "This is no payment code of this channel.";
    CARD_SLIP_USED = "card_slip_used", CONFLICT, false, "This slip of the card terminal has paid before.";
    CHANNEL_NOT_SET_UP = "channel_not_set_up", CONFLICT, false, "This way to pay is not set up in this store.";
    CHANNEL_SETTINGS = "channel_settings", UNPROCESSABLE_ENTITY, false, "These settings of a payment channel cannot work.";
    CHANNEL_UNAVAILABLE = "channel_unavailable", SERVICE_UNAVAILABLE, true, "The payment gateway does not answer just now; take another way to pay.";
    NOTICE_REFUSED = "notice_refused", UNAUTHORIZED, false, "The report is not signed by the gateway or not for this shop.";
    PAYMENT_CERTAIN = "payment_certain", CONFLICT, false, "There is nothing to decide about this money.";
    ORDER_NOT_RETURNABLE = "order_not_returnable", CONFLICT, false, "Nothing comes back of an order in this state.";
    RETURN_TOO_MUCH = "return_too_much", CONFLICT, false, "Less is left of the line than this.";
    REFUND_CHANGED = "refund_changed", CONFLICT, false, "The refund is not what the till expected.";
    EXCHANGE_NEEDS_CASH = "exchange_needs_cash", CONFLICT, false, "What was not paid in cash is returned, not exchanged.";
    PRICE_ABOVE_LIST = "price_above_list", UNPROCESSABLE_ENTITY, false, "A given price is not above the shelf's price.";
    PRICE_BELOW_FLOOR = "price_below_floor", UNPROCESSABLE_ENTITY, false, "The goods are not sold below their floor price.";
    OVERRIDE_UNKNOWN = "override_unknown", UNPROCESSABLE_ENTITY, false, "No such price was given to these goods at this till, or it is too old.";
    OVERRIDE_USED = "override_used", CONFLICT, false, "The given price was used by another sale.";
    ORDER_NOT_CANCELLABLE = "order_not_cancellable", CONFLICT, false, "The order cannot be cancelled any more.";
    REASON_NOT_PERMITTED = "reason_not_permitted", UNPROCESSABLE_ENTITY, false, "This reason does not move stock that way.";
    NAME_TAKEN = "name_taken", CONFLICT, false, "The name or code is already in use.";
    BARCODE_TAKEN = "barcode_taken", CONFLICT, false, "The barcode belongs to another product.";
    CATEGORY_IN_USE = "category_in_use", CONFLICT, false, "The category still has goods or sub-categories.";
    CATEGORY_CYCLE = "category_cycle", CONFLICT, false, "A category cannot stand below itself.";
    STILL_IN_USE = "still_in_use", CONFLICT, false, "Something still uses this.";
    PRICE_OUT_OF_RANGE = "price_out_of_range", CONFLICT, false, "A price would fall below zero or rise beyond what is allowed.";
    BAD_PICTURE = "bad_picture", UNPROCESSABLE_ENTITY, false, "This is not a picture we can read.";
    BAD_FILE = "bad_file", UNPROCESSABLE_ENTITY, false, "This file cannot be read.";
    IMPORT_NOT_READY = "import_not_ready", CONFLICT, false, "The import is not in a state that allows this.";
    NO_PRINTER = "no_printer", CONFLICT, false, "The till has no printer.";
    PRINTER_UNREACHABLE = "printer_unreachable", SERVICE_UNAVAILABLE, true, "The printer does not answer.";
}
