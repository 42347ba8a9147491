-- What a worker does now, as its control plane sees it every few seconds.
ALTER TABLE app.workers ADD COLUMN in_flight integer NOT NULL DEFAULT 0,
  ADD COLUMN checks_per_second float8 NOT NULL DEFAULT 0;
