DROP INDEX app.jobs_due;
ALTER TABLE app.jobs
  DROP lane, DROP retries, DROP retry_pause, DROP attempt_time, DROP attempts, DROP tried_by, DROP ended_gap_from, DROP steady;
CREATE INDEX jobs_due ON app.jobs (region_id, next_attempt_at);
