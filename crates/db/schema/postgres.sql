-- 0001 stores and people
-- Stores, their places and tills, and the people who sign in.

CREATE TABLE stores (
    id BIGINT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    phone TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL DEFAULT '',
    time_zone TEXT NOT NULL,
    day_cutoff_hour BIGINT NOT NULL DEFAULT 0 CHECK (day_cutoff_hour BETWEEN 0 AND 23),
    rounding TEXT NOT NULL DEFAULT 'none',
    pos_negative_stock BOOLEAN NOT NULL DEFAULT TRUE,
    reservation_minutes BIGINT NOT NULL DEFAULT 30 CHECK (reservation_minutes > 0),
    receipt_footer TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL
);

CREATE TABLE locations (
    store_id BIGINT NOT NULL REFERENCES stores (id),
    id BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('floor', 'back', 'transit')),
    name TEXT NOT NULL,
    PRIMARY KEY (store_id, id)
) /* clustered */;

CREATE TABLE scale_rules (
    store_id BIGINT NOT NULL REFERENCES stores (id),
    position BIGINT NOT NULL,
    prefix TEXT NOT NULL,
    pattern TEXT NOT NULL,
    weight_decimals BIGINT NOT NULL,
    price_decimals BIGINT NOT NULL,
    check_digit TEXT NOT NULL CHECK (check_digit IN ('ean', 'none')),
    priority BIGINT NOT NULL,
    PRIMARY KEY (store_id, position)
) /* clustered */;

CREATE TABLE users (
    id BIGINT NOT NULL PRIMARY KEY,
    username TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL,
    store_id BIGINT NOT NULL REFERENCES stores (id),
    demo BOOLEAN NOT NULL DEFAULT FALSE,
    disabled BOOLEAN NOT NULL DEFAULT FALSE,
    created_at BIGINT NOT NULL
);

CREATE TABLE sessions (
    token_hash TEXT NOT NULL PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE terminals (
    id BIGINT NOT NULL PRIMARY KEY,
    store_id BIGINT NOT NULL REFERENCES stores (id),
    no BIGINT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('pos', 'kiosk')),
    token_hash TEXT NOT NULL UNIQUE,
    printer_address TEXT,
    printer_width BIGINT NOT NULL DEFAULT 58 CHECK (printer_width IN (58, 80)),
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT,
    revoked_at BIGINT,
    UNIQUE (store_id, no)
);

-- What people did, in the order they did it. Nobody changes or deletes a row.
CREATE TABLE operation_log (
    id BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    actor TEXT NOT NULL,
    terminal_id BIGINT,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    detail TEXT NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL
);

-- One row per counter that must have no gaps or must be shared by several servers.
CREATE TABLE counters (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);

-- 0002 catalog
-- Goods and what describes them.

CREATE TABLE categories (
    id BIGINT NOT NULL PRIMARY KEY,
    parent_id BIGINT REFERENCES categories (id),
    name TEXT NOT NULL,
    sort BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE brands (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE units (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    weighed BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE TABLE tags (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    color TEXT NOT NULL DEFAULT ''
);

CREATE TABLE products (
    id BIGINT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    short_name TEXT NOT NULL DEFAULT '',
    spec TEXT NOT NULL DEFAULT '',
    brand_id BIGINT REFERENCES brands (id),
    category_id BIGINT REFERENCES categories (id),
    unit_id BIGINT NOT NULL REFERENCES units (id),
    price_fen BIGINT NOT NULL CHECK (price_fen >= 0),
    member_price_fen BIGINT CHECK (member_price_fen >= 0),
    floor_price_fen BIGINT CHECK (floor_price_fen >= 0),
    cost_fen BIGINT NOT NULL DEFAULT 0 CHECK (cost_fen >= 0),
    tax_rate_bp BIGINT NOT NULL DEFAULT 0 CHECK (tax_rate_bp BETWEEN 0 AND 10000),
    safety_stock_milli BIGINT NOT NULL DEFAULT 0,
    shelf_life_days BIGINT NOT NULL DEFAULT 0,
    supplier TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL,
    mnemonic TEXT NOT NULL DEFAULT '',
    picture TEXT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX products_version ON products (version);

CREATE TABLE product_barcodes (
    barcode TEXT NOT NULL PRIMARY KEY,
    product_id BIGINT NOT NULL REFERENCES products (id),
    position BIGINT NOT NULL,
    qty_milli BIGINT NOT NULL CHECK (qty_milli > 0),
    price_fen BIGINT CHECK (price_fen >= 0)
) /* clustered */;
CREATE INDEX product_barcodes_product ON product_barcodes (product_id);

CREATE TABLE product_tags (
    product_id BIGINT NOT NULL REFERENCES products (id),
    tag_id BIGINT NOT NULL REFERENCES tags (id),
    PRIMARY KEY (product_id, tag_id)
) /* clustered */;

-- `at_row` is the last row of the sheet that is done in the present state: work goes on behind it, and
-- whoever moves it from where it was is the only one at work.
CREATE TABLE imports (
    id UUID NOT NULL PRIMARY KEY,
    store_id BIGINT NOT NULL REFERENCES stores (id),
    kind TEXT NOT NULL,
    file_name TEXT NOT NULL,
    state TEXT NOT NULL,
    at_row BIGINT NOT NULL DEFAULT 0,
    rows_total BIGINT NOT NULL DEFAULT 0,
    rows_good BIGINT NOT NULL DEFAULT 0,
    rows_bad BIGINT NOT NULL DEFAULT 0,
    rows_done BIGINT NOT NULL DEFAULT 0,
    created BIGINT NOT NULL DEFAULT 0,
    updated BIGINT NOT NULL DEFAULT 0,
    unchanged BIGINT NOT NULL DEFAULT 0,
    kept BIGINT NOT NULL DEFAULT 0,
    warnings TEXT NOT NULL DEFAULT '[]',
    headers TEXT NOT NULL DEFAULT '[]',
    error TEXT,
    undo_id UUID NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    checked_at BIGINT,
    finished_at BIGINT
);
CREATE INDEX imports_store ON imports (store_id, created_at);

-- `before` holds the fields the row changed as they were (none for goods it created), `version` the
-- catalogue's version the row made.
CREATE TABLE import_rows (
    import_id UUID NOT NULL REFERENCES imports (id),
    row_no BIGINT NOT NULL,
    state TEXT NOT NULL,
    cells TEXT NOT NULL,
    errors TEXT NOT NULL,
    product_id BIGINT,
    before TEXT,
    version BIGINT,
    PRIMARY KEY (import_id, row_no)
) /* clustered */;

-- 0003 inventory
-- Stock: levels are projections of the append-only ledger and change in the same transaction.

CREATE TABLE stock_levels (
    store_id BIGINT NOT NULL,
    location_id BIGINT NOT NULL,
    product_id BIGINT NOT NULL,
    lot_id BIGINT NOT NULL DEFAULT 0,
    on_hand_milli BIGINT NOT NULL,
    reserved_milli BIGINT NOT NULL DEFAULT 0 CHECK (reserved_milli >= 0),
    value_fen BIGINT NOT NULL,
    last_entry_id BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (store_id, location_id, product_id, lot_id)
) /* clustered */;

-- Entries are numbered without gaps per store. `prev_id` names the entry before this one of the same
-- product, place and lot (0 = none), so one product's history is read without an index that every
-- sale would have to maintain (decision 0002).
CREATE TABLE stock_ledger (
    store_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    prev_id BIGINT NOT NULL,
    location_id BIGINT NOT NULL,
    product_id BIGINT NOT NULL,
    lot_id BIGINT NOT NULL DEFAULT 0,
    at BIGINT NOT NULL,
    reason TEXT NOT NULL,
    delta_milli BIGINT NOT NULL,
    balance_milli BIGINT NOT NULL,
    value_delta_fen BIGINT NOT NULL,
    ref_id UUID,
    ref_line BIGINT NOT NULL DEFAULT 0,
    actor TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (store_id, id)
) /* clustered */;

CREATE TABLE stock_adjustments (
    store_id BIGINT NOT NULL,
    id UUID NOT NULL,
    request_hash TEXT NOT NULL,
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    actor TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (store_id, id)
) /* clustered */;

-- 0004 sales
-- Orders and what belongs to them. Every key starts with the store.

CREATE TABLE orders (
    store_id BIGINT NOT NULL,
    id UUID NOT NULL,
    request_hash TEXT NOT NULL,
    terminal_id BIGINT NOT NULL,
    terminal_no BIGINT NOT NULL,
    business_day BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    channel TEXT NOT NULL,
    state TEXT NOT NULL,
    cashier_id BIGINT,
    cashier TEXT NOT NULL,
    member TEXT,
    lines_count BIGINT NOT NULL,
    total_fen BIGINT NOT NULL,
    discount_fen BIGINT NOT NULL,
    rounding_fen BIGINT NOT NULL,
    tax_fen BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    sold_at BIGINT NOT NULL,
    paid_at BIGINT,
    expires_at BIGINT,
    reprints BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (store_id, id)
) /* clustered */;
CREATE UNIQUE INDEX orders_no ON orders (store_id, business_day, terminal_no, seq);
CREATE INDEX orders_created ON orders (store_id, created_at);
CREATE INDEX orders_open ON orders (expires_at) WHERE state = 'received';

CREATE TABLE order_lines (
    store_id BIGINT NOT NULL,
    order_id UUID NOT NULL,
    line_no BIGINT NOT NULL,
    product_id BIGINT NOT NULL,
    barcode TEXT NOT NULL,
    name TEXT NOT NULL,
    spec TEXT NOT NULL,
    unit TEXT NOT NULL,
    qty_milli BIGINT NOT NULL CHECK (qty_milli > 0),
    unit_price_fen BIGINT NOT NULL,
    discount_fen BIGINT NOT NULL,
    amount_fen BIGINT NOT NULL,
    tax_rate_bp BIGINT NOT NULL,
    tax_fen BIGINT NOT NULL,
    cost_fen BIGINT NOT NULL,
    PRIMARY KEY (store_id, order_id, line_no)
) /* clustered */;

CREATE TABLE order_events (
    store_id BIGINT NOT NULL,
    order_id UUID NOT NULL,
    seq BIGINT NOT NULL,
    kind TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (store_id, order_id, seq)
) /* clustered */;

CREATE TABLE payments (
    store_id BIGINT NOT NULL,
    order_id UUID NOT NULL,
    id UUID NOT NULL,
    method TEXT NOT NULL,
    status TEXT NOT NULL,
    amount_fen BIGINT NOT NULL,
    tendered_fen BIGINT NOT NULL,
    change_fen BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (store_id, order_id, id)
) /* clustered */;

CREATE TABLE receipt_counters (
    store_id BIGINT NOT NULL,
    terminal_no BIGINT NOT NULL,
    business_day BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    PRIMARY KEY (store_id, terminal_no, business_day)
) /* clustered */;

CREATE TABLE held_baskets (
    store_id BIGINT NOT NULL,
    id UUID NOT NULL,
    terminal_no BIGINT NOT NULL,
    cashier TEXT NOT NULL,
    note TEXT NOT NULL,
    total_fen BIGINT NOT NULL,
    lines TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (store_id, id)
) /* clustered */;

-- What a till did that is no order: lines removed, drawer opened, prices looked up.
CREATE TABLE till_events (
    store_id BIGINT NOT NULL,
    id UUID NOT NULL,
    terminal_id BIGINT NOT NULL,
    actor TEXT NOT NULL,
    kind TEXT NOT NULL,
    at BIGINT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (store_id, id)
) /* clustered */;

-- 0005 identity
-- Roles of a shop's own, PINs, sessions that can be told apart, wrong guesses, approvals.

CREATE TABLE roles (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    scope TEXT NOT NULL CHECK (scope IN ('own', 'all')),
    -- {"order.sell": "allowed", …}; what is not named is denied.
    grants TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- `role` is the name of a preset, or `custom-7` for a row of `roles`.
ALTER TABLE users ADD COLUMN pin_hash TEXT;
ALTER TABLE users ADD COLUMN phone TEXT NOT NULL DEFAULT '';

-- Stores somebody sees besides the home store.
CREATE TABLE user_stores (
    user_id BIGINT NOT NULL REFERENCES users (id),
    store_id BIGINT NOT NULL REFERENCES stores (id),
    PRIMARY KEY (user_id, store_id)
) /* clustered */;

-- Everybody signs in once more: sessions had no name of their own.
DROP TABLE sessions;

CREATE TABLE sessions (
    token_hash TEXT NOT NULL PRIMARY KEY,
    id UUID NOT NULL UNIQUE,
    user_id BIGINT NOT NULL REFERENCES users (id),
    -- The only device it is good at; NULL in the back office.
    terminal_id BIGINT REFERENCES terminals (id),
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL
);

CREATE INDEX sessions_of_user ON sessions (user_id);

-- Tries since the last good one, by what is guessed at and from where.
CREATE TABLE sign_in_attempts (
    key TEXT NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    locked_until BIGINT NOT NULL
) /* clustered */;

-- One-time codes that a person who may approve reads to the till.
CREATE TABLE approval_codes (
    code_hash TEXT NOT NULL PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users (id),
    store_id BIGINT NOT NULL REFERENCES stores (id),
    expires_at BIGINT NOT NULL
);

-- A second person's yes. Good for one deed, however often that deed is sent.
CREATE TABLE approvals (
    store_id BIGINT NOT NULL,
    id UUID NOT NULL,
    permission TEXT NOT NULL,
    terminal_id BIGINT NOT NULL,
    asked_by BIGINT NOT NULL,
    approved_by BIGINT NOT NULL,
    approver TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_for TEXT,
    PRIMARY KEY (store_id, id)
) /* clustered */;

-- 0006 logs
-- What was written down stays as it was written: the database itself refuses to change it (decision 0009).
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '23001'; END $$;
CREATE TRIGGER operation_log_not_changed BEFORE UPDATE OR DELETE ON operation_log
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER operation_log_not_emptied BEFORE TRUNCATE ON operation_log
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER stock_ledger_not_changed BEFORE UPDATE OR DELETE ON stock_ledger
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER stock_ledger_not_emptied BEFORE TRUNCATE ON stock_ledger
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER order_events_not_changed BEFORE UPDATE OR DELETE ON order_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER order_events_not_emptied BEFORE TRUNCATE ON order_events
    EXECUTE FUNCTION refuse_change();

-- Who allowed it, where somebody had to.
ALTER TABLE operation_log ADD COLUMN approver TEXT;

-- One for each filter of the list; behind its column each holds the ids in the order of time.
CREATE INDEX operation_log_at ON operation_log (at, id);
CREATE INDEX operation_log_store ON operation_log (store_id, id);
CREATE INDEX operation_log_actor ON operation_log (actor, id);
CREATE INDEX operation_log_terminal ON operation_log (terminal_id, id);
CREATE INDEX operation_log_action ON operation_log (action, id);
CREATE INDEX operation_log_target ON operation_log (target, id);

-- The words of each entry (decision 0010). Entries up to the counter's value are older than this table:
-- the server adds their words, newest first, and counts down.
CREATE TABLE operation_words (
    word TEXT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (word, id)
) /* clustered */;
INSERT INTO counters (name, value)
    SELECT 'operation_words_missing', value FROM counters WHERE name = 'operation_log';

CREATE INDEX till_events_at ON till_events (store_id, at, id);
CREATE INDEX till_events_kind ON till_events (store_id, kind, at, id);
CREATE INDEX till_events_actor ON till_events (store_id, actor, at, id);

-- 0007 returns
-- Goods that came back with the money that went back for them, and prices given at the till.

CREATE TABLE order_returns (
    store_id BIGINT NOT NULL,
    id UUID NOT NULL,
    order_id UUID NOT NULL,
    request_hash TEXT NOT NULL,
    -- Till 0 is the back office.
    terminal_no BIGINT NOT NULL,
    business_day BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    cashier_id BIGINT,
    cashier TEXT NOT NULL,
    approver TEXT,
    -- A yes is good for one return.
    approval_id UUID,
    reason TEXT NOT NULL,
    goods_fen BIGINT NOT NULL,
    rounding_fen BIGINT NOT NULL,
    refund_fen BIGINT NOT NULL CHECK (refund_fen >= 0),
    created_at BIGINT NOT NULL,
    prints BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (store_id, id)
) /* clustered */;
CREATE INDEX order_returns_order ON order_returns (store_id, order_id);
CREATE UNIQUE INDEX order_returns_no ON order_returns (store_id, business_day, terminal_no, seq);

CREATE TABLE order_return_lines (
    store_id BIGINT NOT NULL,
    return_id UUID NOT NULL,
    -- The line of the order.
    line_no BIGINT NOT NULL,
    product_id BIGINT NOT NULL,
    qty_milli BIGINT NOT NULL CHECK (qty_milli > 0),
    amount_fen BIGINT NOT NULL,
    tax_fen BIGINT NOT NULL,
    cost_fen BIGINT NOT NULL,
    goods_to TEXT NOT NULL CHECK (goods_to IN ('shelf', 'loss')),
    PRIMARY KEY (store_id, return_id, line_no)
) /* clustered */;

-- Which payment got what back.
CREATE TABLE refunds (
    store_id BIGINT NOT NULL,
    return_id UUID NOT NULL,
    payment_id UUID NOT NULL,
    method TEXT NOT NULL,
    status TEXT NOT NULL,
    amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (store_id, return_id, payment_id)
) /* clustered */;

CREATE TABLE price_overrides (
    store_id BIGINT NOT NULL,
    id UUID NOT NULL,
    terminal_id BIGINT NOT NULL,
    product_id BIGINT NOT NULL,
    list_price_fen BIGINT NOT NULL,
    unit_price_fen BIGINT NOT NULL CHECK (unit_price_fen >= 0),
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    approver TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- The sale that used it up.
    order_id UUID,
    line_no BIGINT,
    PRIMARY KEY (store_id, id)
) /* clustered */;
CREATE INDEX price_overrides_order ON price_overrides (store_id, order_id) WHERE order_id IS NOT NULL;

-- 0008 devices
-- Devices: one-time codes to enrol them, keys that never leave them, and what they say of themselves.

-- NULL: the till was made, and no browser has taken its code yet.
ALTER TABLE terminals ADD COLUMN enrolled_at BIGINT;
-- P-256, uncompressed point in base64url; NULL for a device with a token that lasts.
ALTER TABLE terminals ADD COLUMN public_key TEXT;
ALTER TABLE terminals ADD COLUMN app_version TEXT;
ALTER TABLE terminals ADD COLUMN unsent BIGINT;
UPDATE terminals SET enrolled_at = created_at;

-- A new code takes the place of the one before.
CREATE TABLE enrolment_codes (
    terminal_id BIGINT NOT NULL PRIMARY KEY REFERENCES terminals (id),
    code_hash TEXT NOT NULL UNIQUE,
    made_by TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- Tokens of devices that have a key (decision 0012).
CREATE TABLE terminal_tokens (
    token_hash TEXT NOT NULL PRIMARY KEY,
    terminal_id BIGINT NOT NULL REFERENCES terminals (id),
    expires_at BIGINT NOT NULL
);

CREATE INDEX sessions_of_terminal ON sessions (terminal_id);

-- 0009 second factor
-- A second factor in the back office; codes bound to what they allow; whose sign-in is guessed at.

CREATE TABLE second_factors (
    user_id BIGINT NOT NULL PRIMARY KEY REFERENCES users (id),
    -- What the person's device shares with us, sealed under the key beside the database (decision 0013).
    secret TEXT NOT NULL,
    -- The newest time step whose code was used: it and those before it are over.
    last_step BIGINT NOT NULL,
    -- NULL until a code has shown that the device has the secret.
    confirmed_at BIGINT
) /* clustered */;

-- Each row is a code that is still good.
CREATE TABLE recovery_codes (
    user_id BIGINT NOT NULL REFERENCES users (id),
    code_hash TEXT NOT NULL,
    PRIMARY KEY (user_id, code_hash)
) /* clustered */;

-- Codes live five minutes; those made without naming a permission are of no use any more.
DELETE FROM approval_codes;
ALTER TABLE approval_codes ADD COLUMN permission TEXT NOT NULL DEFAULT '';

-- NULL where the guesses are counted by the place they come from.
ALTER TABLE sign_in_attempts ADD COLUMN username TEXT;

-- 0010 risk
-- Counts of each person's till events of a kind over days, answered from the index alone.
CREATE INDEX till_events_risk ON till_events (store_id, kind, actor, at);

-- 0011 payments
-- Money through gateways: the channels of a store, attempts to take money, what was said of them, and money that
-- goes back. An attempt is a row of `payments` whose status is its state, and a row of `payment_attempts`.

CREATE TABLE payment_channels (
    store_id BIGINT NOT NULL,
    channel TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    settings TEXT NOT NULL,
    -- Keys, sealed (decision 0013).
    secrets TEXT NOT NULL,
    -- What the channel takes of each payment, in millionths, rounded to the fen.
    fee_ppm BIGINT NOT NULL DEFAULT 0,
    fee_min_fen BIGINT NOT NULL DEFAULT 0,
    fee_cap_fen BIGINT,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (store_id, channel)
) /* clustered */;

CREATE TABLE payment_attempts (
    store_id BIGINT NOT NULL,
    id UUID NOT NULL,
    order_id UUID NOT NULL,
    request_hash TEXT NOT NULL,
    channel TEXT NOT NULL,
    product TEXT NOT NULL,
    -- Whose number this is, and the number: of each attempt, never used twice.
    merchant TEXT NOT NULL,
    trade_no TEXT NOT NULL,
    terminal_no BIGINT NOT NULL,
    actor TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    dispatched_at BIGINT,
    expires_at BIGINT NOT NULL,
    -- When it is looked at again, how often it was since its state began, and who looks just now.
    check_at BIGINT,
    checks BIGINT NOT NULL DEFAULT 0,
    busy_until BIGINT NOT NULL DEFAULT 0,
    finished_at BIGINT,
    qr TEXT,
    gateway_no TEXT,
    payer TEXT NOT NULL DEFAULT '',
    -- What the gateway says was paid.
    captured_fen BIGINT,
    fee_fen BIGINT,
    error_code TEXT NOT NULL DEFAULT '',
    error_text TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (store_id, id)
) /* clustered */;
CREATE INDEX payment_attempts_order ON payment_attempts (store_id, order_id);
CREATE UNIQUE INDEX payment_attempts_trade ON payment_attempts (channel, merchant, trade_no);
CREATE INDEX payment_attempts_gateway ON payment_attempts (store_id, gateway_no) WHERE gateway_no IS NOT NULL;
CREATE INDEX payment_attempts_check ON payment_attempts (check_at) WHERE check_at IS NOT NULL;
CREATE INDEX payment_attempts_at ON payment_attempts (store_id, created_at);
-- Money nobody is certain of.
CREATE INDEX payments_doubt ON payments (store_id, created_at)
    WHERE status IN ('prepared', 'dispatched', 'user_paying', 'unknown', 'reversing', 'differs');

-- The record of a card payment that was typed in from the terminal's slip.
CREATE TABLE payment_cards (
    store_id BIGINT NOT NULL,
    id UUID NOT NULL,
    terminal TEXT NOT NULL,
    batch TEXT NOT NULL,
    trace TEXT NOT NULL,
    rrn TEXT NOT NULL,
    auth TEXT NOT NULL,
    last4 TEXT NOT NULL,
    PRIMARY KEY (store_id, id)
) /* clustered */;
CREATE UNIQUE INDEX payment_cards_slip ON payment_cards (store_id, terminal, batch, trace);

-- Every state of an attempt or a refund, with its time.
CREATE TABLE payment_events (
    store_id BIGINT NOT NULL,
    -- The payment or the refund.
    ref_id UUID NOT NULL,
    seq BIGINT NOT NULL,
    state TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (store_id, ref_id, seq)
) /* clustered */;

-- Every call to a gateway, without secrets and without the customer's code.
CREATE TABLE payment_calls (
    store_id BIGINT NOT NULL,
    ref_id UUID NOT NULL,
    id UUID NOT NULL,
    operation TEXT NOT NULL,
    result TEXT NOT NULL,
    http_status BIGINT,
    code TEXT NOT NULL,
    request_id TEXT NOT NULL,
    took_ms BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (store_id, ref_id, id)
) /* clustered */;

-- What gateways reported by themselves, each report once.
CREATE TABLE payment_notices (
    channel TEXT NOT NULL,
    event_id TEXT NOT NULL,
    store_id BIGINT NOT NULL,
    trade_no TEXT NOT NULL,
    body TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (channel, event_id)
) /* clustered */;

-- Money that goes back to a payment, until the customer has it.
CREATE TABLE payment_refunds (
    store_id BIGINT NOT NULL,
    id UUID NOT NULL,
    order_id UUID NOT NULL,
    payment_id UUID NOT NULL,
    -- The return it is for.
    return_id UUID,
    kind TEXT NOT NULL CHECK (kind IN ('return', 'cancel', 'late')),
    method TEXT NOT NULL,
    amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
    state TEXT NOT NULL,
    refund_no TEXT NOT NULL,
    gateway_no TEXT,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    check_at BIGINT,
    checks BIGINT NOT NULL DEFAULT 0,
    busy_until BIGINT NOT NULL DEFAULT 0,
    finished_at BIGINT,
    error_code TEXT NOT NULL DEFAULT '',
    error_text TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (store_id, id)
) /* clustered */;
CREATE INDEX payment_refunds_payment ON payment_refunds (store_id, payment_id);
CREATE INDEX payment_refunds_check ON payment_refunds (check_at) WHERE check_at IS NOT NULL;
CREATE INDEX payment_refunds_open ON payment_refunds (store_id, created_at)
    WHERE state IN ('requested', 'processing', 'abnormal');

CREATE TRIGGER payment_events_not_changed BEFORE UPDATE OR DELETE ON payment_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payment_events_not_emptied BEFORE TRUNCATE ON payment_events
    EXECUTE FUNCTION refuse_change();

-- 0012 orders
-- Orders by the last four digits of a member's number, answered from the index; most orders name no member.
CREATE INDEX orders_member_tail ON orders (store_id, substr(member, length(member) - 3), created_at) WHERE member IS NOT NULL;

-- Days after the sale within which goods come back without a second person; 0 is no end.
ALTER TABLE stores ADD COLUMN return_window_days BIGINT NOT NULL DEFAULT 0;

-- Goods that came back without a receipt, and what was paid for them in cash.
CREATE TABLE blind_returns (
    store_id BIGINT NOT NULL,
    id UUID NOT NULL,
    request_hash TEXT NOT NULL,
    terminal_no BIGINT NOT NULL,
    business_day BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    cashier_id BIGINT,
    cashier TEXT NOT NULL,
    -- Nobody does it alone.
    approver TEXT NOT NULL,
    reason TEXT NOT NULL,
    goods_fen BIGINT NOT NULL,
    rounding_fen BIGINT NOT NULL,
    refund_fen BIGINT NOT NULL CHECK (refund_fen >= 0),
    created_at BIGINT NOT NULL,
    prints BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (store_id, id)
) /* clustered */;
CREATE UNIQUE INDEX blind_returns_no ON blind_returns (store_id, business_day, terminal_no, seq);
CREATE INDEX blind_returns_created ON blind_returns (store_id, created_at);

CREATE TABLE blind_return_lines (
    store_id BIGINT NOT NULL,
    return_id UUID NOT NULL,
    line_no BIGINT NOT NULL,
    product_id BIGINT NOT NULL,
    barcode TEXT NOT NULL,
    name TEXT NOT NULL,
    spec TEXT NOT NULL,
    unit TEXT NOT NULL,
    qty_milli BIGINT NOT NULL CHECK (qty_milli > 0),
    unit_price_fen BIGINT NOT NULL,
    amount_fen BIGINT NOT NULL,
    tax_fen BIGINT NOT NULL,
    cost_fen BIGINT NOT NULL,
    goods_to TEXT NOT NULL CHECK (goods_to IN ('shelf', 'loss')),
    PRIMARY KEY (store_id, return_id, line_no)
) /* clustered */;

-- Goods for goods: the return that paid for other goods, and the order of those.
CREATE TABLE exchanges (
    store_id BIGINT NOT NULL,
    return_id UUID NOT NULL,
    order_id UUID NOT NULL,
    -- What of the refund paid for the order; the rest of either went in cash.
    credit_fen BIGINT NOT NULL CHECK (credit_fen >= 0),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (store_id, return_id)
) /* clustered */;
CREATE UNIQUE INDEX exchanges_order ON exchanges (store_id, order_id);

-- 0013 retention
-- How far the operation log was cut: what lies up to an entry is over, and the chain goes on from its hash (decision 0017).
CREATE TABLE operation_cuts (
    last_id BIGINT NOT NULL PRIMARY KEY,
    hash TEXT NOT NULL,
    -- Of the anchor that names the entry.
    day TEXT NOT NULL,
    cut_at BIGINT NOT NULL
) /* clustered */;

-- Entries before a cut may go, and no others.
CREATE TRIGGER operation_cuts_not_changed BEFORE UPDATE OR DELETE ON operation_cuts
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER operation_cuts_not_emptied BEFORE TRUNCATE ON operation_cuts
    EXECUTE FUNCTION refuse_change();
CREATE FUNCTION refuse_uncut() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF OLD.id > COALESCE((SELECT MAX(last_id) FROM operation_cuts), 0) THEN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '23001';
    END IF;
    RETURN OLD;
END $$;
DROP TRIGGER operation_log_not_changed ON operation_log;
CREATE TRIGGER operation_log_not_updated BEFORE UPDATE ON operation_log
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER operation_log_not_deleted BEFORE DELETE ON operation_log
    FOR EACH ROW EXECUTE FUNCTION refuse_uncut();

-- What is over is looked for by its time.
CREATE INDEX sign_in_attempts_last ON sign_in_attempts (last_at);
CREATE INDEX sessions_over ON sessions (expires_at);

-- Who did it stands in the index, so that counting a store's nights reads nothing else.
DROP INDEX till_events_at;
CREATE INDEX till_events_at ON till_events (store_id, at, id, actor);

-- 0018 stock counts
-- Stock counts while selling (decision 0025).

-- When the goods moved, where that was before the entry was recorded: a sale that came late.
ALTER TABLE stock_ledger ADD COLUMN happened_at BIGINT;
-- What these goods are as of their last posted count: whatever happened before was seen by it.
ALTER TABLE stock_levels ADD COLUMN counted_at BIGINT;

-- From which difference of one product on a review suggests a recount, and from which sum of differences on a count
-- is not posted by one person; 0 is never.
ALTER TABLE stores ADD COLUMN count_recount_milli BIGINT NOT NULL DEFAULT 0;
ALTER TABLE stores ADD COLUMN count_recount_fen BIGINT NOT NULL DEFAULT 0;
ALTER TABLE stores ADD COLUMN count_approval_fen BIGINT NOT NULL DEFAULT 0;

CREATE TABLE stock_counts (
    store_id BIGINT NOT NULL,
    id UUID NOT NULL,
    -- Without gaps inside the store.
    no BIGINT NOT NULL,
    request_hash TEXT NOT NULL,
    location_id BIGINT NOT NULL,
    title TEXT NOT NULL,
    scope_kind TEXT NOT NULL,
    -- The ids of what the kind names, as JSON.
    scope_keys TEXT NOT NULL,
    is_blind BOOLEAN NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('counting', 'review', 'posting', 'posted', 'cancelled')),
    -- The store's last ledger entry when it started: the goods as counted can only differ from the books by later ones.
    first_entry_id BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Posting: what becomes of goods nobody counted, who decided, and what it came to.
    uncounted TEXT CHECK (uncounted IN ('zero', 'leave')),
    ended_by TEXT,
    ended_at BIGINT,
    approver TEXT,
    lines_count BIGINT NOT NULL DEFAULT 0,
    right_count BIGINT NOT NULL DEFAULT 0,
    gain_fen BIGINT NOT NULL DEFAULT 0,
    loss_fen BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (store_id, id)
) /* clustered */;
CREATE UNIQUE INDEX stock_counts_no ON stock_counts (store_id, no);

-- What somebody counted somewhere at some time. An entry that is taken back stays and says so.
CREATE TABLE stock_count_entries (
    store_id BIGINT NOT NULL,
    count_id UUID NOT NULL,
    id UUID NOT NULL,
    product_id BIGINT NOT NULL,
    round BIGINT NOT NULL,
    qty_milli BIGINT NOT NULL CHECK (qty_milli >= 0),
    counted_at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    counter TEXT NOT NULL,
    place TEXT NOT NULL,
    removed_at BIGINT,
    removed_by TEXT,
    PRIMARY KEY (store_id, count_id, id)
) /* clustered */;

-- Goods that are to be counted once more, and the round of it.
CREATE TABLE stock_count_recounts (
    store_id BIGINT NOT NULL,
    count_id UUID NOT NULL,
    product_id BIGINT NOT NULL,
    round BIGINT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    PRIMARY KEY (store_id, count_id, product_id, round)
) /* clustered */;

-- What was posted, frozen.
CREATE TABLE stock_count_lines (
    store_id BIGINT NOT NULL,
    count_id UUID NOT NULL,
    product_id BIGINT NOT NULL,
    line_no BIGINT NOT NULL,
    counted_milli BIGINT NOT NULL,
    counted_at BIGINT NOT NULL,
    -- By the books at that time.
    book_milli BIGINT NOT NULL,
    adjustment_milli BIGINT NOT NULL,
    value_fen BIGINT NOT NULL,
    -- Whether somebody counted it, it was taken for gone, or a later count was posted before and this line changed
    -- nothing.
    kind TEXT NOT NULL CHECK (kind IN ('counted', 'zeroed', 'superseded')),
    PRIMARY KEY (store_id, count_id, product_id)
) /* clustered */;
