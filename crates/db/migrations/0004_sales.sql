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
