DROP TABLE app.monitor_current, app.job_epochs, app.jobs, app.monitors;
