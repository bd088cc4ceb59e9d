-- Counts of each person's till events of a kind over days, answered from the index alone.
CREATE INDEX till_events_risk ON till_events (store_id, kind, actor, at);
