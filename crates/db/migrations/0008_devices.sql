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
