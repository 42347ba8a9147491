-- When a lease ends has a column of its own, which no index holds: taking and
-- renewing a lease rewrites the row on its page (a heap-only update) and touches no
-- index. next_attempt_at stays what it was while the job is leased.
ALTER TABLE app.jobs ADD leased_until timestamptz;
UPDATE app.jobs SET leased_until = next_attempt_at, next_attempt_at = scheduled_at WHERE leased_by IS NOT NULL;
