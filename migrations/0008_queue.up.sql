-- The queue under load: fair lanes, attempts within a slot, and no work for a
-- monitor that is as it was.

ALTER TABLE app.jobs
  -- A workspace's first 100 monitors are in lane 0, the rest of its first 1,000
  -- in 1, of its first 10,000 in 2, all others in 3. While capacity is short the
  -- lanes share it, so that the many of one workspace cannot starve the few of
  -- another; while it is not, lanes make no difference.
  ADD lane smallint NOT NULL DEFAULT 0,
  -- Attempts after a failed one, from the monitor's specification.
  ADD retries smallint NOT NULL DEFAULT 0,
  ADD retry_pause interval NOT NULL DEFAULT '0',
  ADD attempt_time interval NOT NULL DEFAULT '10 s', -- what one may take
  -- Failed attempts at the present slot, and who made the last one: another
  -- worker comes first.
  ADD attempts smallint NOT NULL DEFAULT 0,
  ADD tried_by integer,
  -- What the commit found and a statement's RETURNING could not tell, for that
  -- shows new values alone: the gap that the latest result ended, and whether
  -- that result and the one before were ok, without a silence in between.
  ADD ended_gap_from timestamptz,
  ADD steady boolean NOT NULL DEFAULT false;

UPDATE app.jobs j SET
  retries = m.retry_count, retry_pause = m.retry_pause_ms * interval '1 ms',
  attempt_time = m.timeout_ms * interval '1 ms',
  lane = CASE WHEN m.place <= 100 THEN 0 WHEN m.place <= 1000 THEN 1 WHEN m.place <= 10000 THEN 2 ELSE 3 END
FROM (SELECT *, row_number() OVER (PARTITION BY workspace_id ORDER BY id) AS place FROM app.monitors) m
WHERE m.id = j.monitor_id;

-- Two small columns in front cost no more than one: they share eight bytes.
DROP INDEX app.jobs_due;
CREATE INDEX jobs_due ON app.jobs (region_id, lane, next_attempt_at);
