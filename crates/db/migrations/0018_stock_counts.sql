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
