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
