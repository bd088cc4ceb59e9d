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
