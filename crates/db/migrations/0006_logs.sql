-- What was written down stays as it was written: the database itself refuses to change it (decision 0009).
-- only: sqlite
CREATE TRIGGER operation_log_not_updated BEFORE UPDATE ON operation_log
BEGIN SELECT RAISE(ABORT, 'operation_log is append-only'); END;
CREATE TRIGGER operation_log_not_deleted BEFORE DELETE ON operation_log
BEGIN SELECT RAISE(ABORT, 'operation_log is append-only'); END;
CREATE TRIGGER stock_ledger_not_updated BEFORE UPDATE ON stock_ledger
BEGIN SELECT RAISE(ABORT, 'stock_ledger is append-only'); END;
CREATE TRIGGER stock_ledger_not_deleted BEFORE DELETE ON stock_ledger
BEGIN SELECT RAISE(ABORT, 'stock_ledger is append-only'); END;
CREATE TRIGGER order_events_not_updated BEFORE UPDATE ON order_events
BEGIN SELECT RAISE(ABORT, 'order_events is append-only'); END;
CREATE TRIGGER order_events_not_deleted BEFORE DELETE ON order_events
BEGIN SELECT RAISE(ABORT, 'order_events is append-only'); END;
-- only: postgres
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '23001'; END $$;
CREATE TRIGGER operation_log_not_changed BEFORE UPDATE OR DELETE ON operation_log
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER operation_log_not_emptied BEFORE TRUNCATE ON operation_log
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER stock_ledger_not_changed BEFORE UPDATE OR DELETE ON stock_ledger
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER stock_ledger_not_emptied BEFORE TRUNCATE ON stock_ledger
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER order_events_not_changed BEFORE UPDATE OR DELETE ON order_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER order_events_not_emptied BEFORE TRUNCATE ON order_events
    EXECUTE FUNCTION refuse_change();
-- only: both

-- Who allowed it, where somebody had to.
ALTER TABLE operation_log ADD COLUMN approver TEXT;

-- One for each filter of the list; behind its column each holds the ids in the order of time.
CREATE INDEX operation_log_at ON operation_log (at, id);
CREATE INDEX operation_log_store ON operation_log (store_id, id);
CREATE INDEX operation_log_actor ON operation_log (actor, id);
CREATE INDEX operation_log_terminal ON operation_log (terminal_id, id);
CREATE INDEX operation_log_action ON operation_log (action, id);
CREATE INDEX operation_log_target ON operation_log (target, id);

-- The words of each entry (decision 0010). Entries up to the counter's value are older than this table:
-- the server adds their words, newest first, and counts down.
CREATE TABLE operation_words (
    word TEXT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (word, id)
) /* clustered */;
INSERT INTO counters (name, value)
    SELECT 'operation_words_missing', value FROM counters WHERE name = 'operation_log';

CREATE INDEX till_events_at ON till_events (store_id, at, id);
CREATE INDEX till_events_kind ON till_events (store_id, kind, at, id);
CREATE INDEX till_events_actor ON till_events (store_id, actor, at, id);
