DROP TABLE app.workers, app.enrollment_tokens, app.regions;
