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
