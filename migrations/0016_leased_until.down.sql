UPDATE app.jobs SET next_attempt_at = leased_until WHERE leased_until IS NOT NULL;
ALTER TABLE app.jobs DROP leased_until;
