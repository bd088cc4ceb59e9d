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
