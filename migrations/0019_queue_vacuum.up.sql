-- The control plane vacuums app.jobs for every half turn of it. Autovacuum, which comes
-- by the clock, is for what that leaves, and would otherwise do the same again.
ALTER TABLE app.jobs SET (autovacuum_vacuum_scale_factor = 0.7);
