-- A second factor in the back office; codes bound to what they allow; whose sign-in is guessed at.

CREATE TABLE second_factors (
    user_id BIGINT NOT NULL PRIMARY KEY REFERENCES users (id),
    -- What the person's device shares with us, sealed under the key beside the database (decision 0013).
    secret TEXT NOT NULL,
    -- The newest time step whose code was used: it and those before it are over.
    last_step BIGINT NOT NULL,
    -- NULL until a code has shown that the device has the secret.
    confirmed_at BIGINT
) /* clustered */;

-- Each row is a code that is still good.
CREATE TABLE recovery_codes (
    user_id BIGINT NOT NULL REFERENCES users (id),
    code_hash TEXT NOT NULL,
    PRIMARY KEY (user_id, code_hash)
) /* clustered */;

-- Codes live five minutes; those made without naming a permission are of no use any more.
DELETE FROM approval_codes;
ALTER TABLE approval_codes ADD COLUMN permission TEXT NOT NULL DEFAULT '';

-- NULL where the guesses are counted by the place they come from.
ALTER TABLE sign_in_attempts ADD COLUMN username TEXT;
