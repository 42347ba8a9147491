-- What lists, uptime bars and phases are read from.

-- Up to where retention has dropped each level: 0 raw, 1 1m, 2 1h, 3 1d. What is
-- older is not looked for there.
CREATE TABLE ts.kept (
  level smallint PRIMARY KEY,
  kept_from timestamptz NOT NULL
);
INSERT INTO ts.kept SELECT level, 'epoch' FROM generate_series(0, 3) AS level;

-- Means over the ok results of the bucket, of the phases in microseconds. Buckets
-- from before this migration have none.
ALTER TABLE ts.results_agg_1m
  ADD dns_us integer NOT NULL DEFAULT 0, ADD connect_us integer NOT NULL DEFAULT 0,
  ADD tls_us integer NOT NULL DEFAULT 0, ADD wait_us integer NOT NULL DEFAULT 0,
  ADD download_us integer NOT NULL DEFAULT 0;
ALTER TABLE ts.results_agg_1h
  ADD dns_us integer NOT NULL DEFAULT 0, ADD connect_us integer NOT NULL DEFAULT 0,
  ADD tls_us integer NOT NULL DEFAULT 0, ADD wait_us integer NOT NULL DEFAULT 0,
  ADD download_us integer NOT NULL DEFAULT 0;
ALTER TABLE ts.results_agg_1d
  ADD dns_us integer NOT NULL DEFAULT 0, ADD connect_us integer NOT NULL DEFAULT 0,
  ADD tls_us integer NOT NULL DEFAULT 0, ADD wait_us integer NOT NULL DEFAULT 0,
  ADD download_us integer NOT NULL DEFAULT 0;
