-- Checks that a person waits for. A replica writes the order, the replica that has
-- a worker of the region claims it and writes the report. What is lost in a crash
-- nobody waits for any more.
CREATE UNLOGGED TABLE app.check_orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  workspace_id bigint NOT NULL,
  region_id smallint NOT NULL,
  -- openseer.v1.MonitorSpec and openseer.v1.CheckReport, serialised and sealed with
  -- the instance's secret key; the specification until the order is over.
  spec_sealed bytea,
  report_sealed bytea,
  claimed_by integer, -- worker; null: whoever has one of the region may claim it
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX check_orders_workspace ON app.check_orders (workspace_id, created_at);
