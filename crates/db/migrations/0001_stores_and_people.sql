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
