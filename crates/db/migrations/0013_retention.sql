-- How far the operation log was cut: what lies up to an entry is over, and the chain goes on from its hash (decision 0017).
CREATE TABLE operation_cuts (
    last_id BIGINT NOT NULL PRIMARY KEY,
    hash TEXT NOT NULL,
    -- Of the anchor that names the entry.
    day TEXT NOT NULL,
    cut_at BIGINT NOT NULL
) /* clustered */;

-- Entries before a cut may go, and no others.
-- only: sqlite
CREATE TRIGGER operation_cuts_not_updated BEFORE UPDATE ON operation_cuts
BEGIN SELECT RAISE(ABORT, 'operation_cuts is append-only'); END;
CREATE TRIGGER operation_cuts_not_deleted BEFORE DELETE ON operation_cuts
BEGIN SELECT RAISE(ABORT, 'operation_cuts is append-only'); END;
DROP TRIGGER operation_log_not_deleted;
CREATE TRIGGER operation_log_not_deleted BEFORE DELETE ON operation_log
WHEN OLD.id > COALESCE((SELECT MAX(last_id) FROM operation_cuts), 0)
BEGIN SELECT RAISE(ABORT, 'operation_log is append-only'); END;
-- only: postgres
CREATE TRIGGER operation_cuts_not_changed BEFORE UPDATE OR DELETE ON operation_cuts
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER operation_cuts_not_emptied BEFORE TRUNCATE ON operation_cuts
    EXECUTE FUNCTION refuse_change();
CREATE FUNCTION refuse_uncut() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF OLD.id > COALESCE((SELECT MAX(last_id) FROM operation_cuts), 0) THEN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '23001';
    END IF;
    RETURN OLD;
END $$;
DROP TRIGGER operation_log_not_changed ON operation_log;
CREATE TRIGGER operation_log_not_updated BEFORE UPDATE ON operation_log
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER operation_log_not_deleted BEFORE DELETE ON operation_log
    FOR EACH ROW EXECUTE FUNCTION refuse_uncut();
-- only: both

-- What is over is looked for by its time.
CREATE INDEX sign_in_attempts_last ON sign_in_attempts (last_at);
CREATE INDEX sessions_over ON sessions (expires_at);

-- Who did it stands in the index, so that counting a store's nights reads nothing else.
DROP INDEX till_events_at;
CREATE INDEX till_events_at ON till_events (store_id, at, id, actor);
