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
