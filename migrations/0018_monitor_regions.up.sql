-- Which job checks a monitor from a region. A row never changes while its job lasts,
-- so that app.jobs, whose every index a commit writes, needs none for it.
CREATE TABLE app.monitor_regions (
  job_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  monitor_id bigint NOT NULL REFERENCES app.monitors ON DELETE CASCADE,
  region_id smallint NOT NULL REFERENCES app.regions,
  UNIQUE (monitor_id, region_id) INCLUDE (job_id)
);
INSERT INTO app.monitor_regions (job_id, monitor_id, region_id) OVERRIDING SYSTEM VALUE
SELECT id, monitor_id, region_id FROM app.jobs;
-- Numbers of jobs that are gone are in their results: they do not come again.
SELECT setval(pg_get_serial_sequence('app.monitor_regions', 'job_id'), nextval(pg_get_serial_sequence('app.jobs', 'id')));

ALTER TABLE app.jobs
  DROP CONSTRAINT jobs_monitor_id_region_id_key,
  DROP CONSTRAINT jobs_monitor_id_fkey,
  DROP CONSTRAINT jobs_region_id_fkey,
  ALTER id DROP IDENTITY,
  ADD FOREIGN KEY (id) REFERENCES app.monitor_regions ON DELETE CASCADE;
