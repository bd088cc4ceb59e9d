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

-- only: sqlite
CREATE TRIGGER payment_events_not_updated BEFORE UPDATE ON payment_events
BEGIN SELECT RAISE(ABORT, 'payment_events is append-only'); END;
CREATE TRIGGER payment_events_not_deleted BEFORE DELETE ON payment_events
BEGIN SELECT RAISE(ABORT, 'payment_events is append-only'); END;
-- only: postgres
CREATE TRIGGER payment_events_not_changed BEFORE UPDATE OR DELETE ON payment_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payment_events_not_emptied BEFORE TRUNCATE ON payment_events
    EXECUTE FUNCTION refuse_change();
-- only: both
