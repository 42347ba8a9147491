ALTER TABLE app.workers DROP COLUMN in_flight, DROP COLUMN checks_per_second;
