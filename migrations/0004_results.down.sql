-- A hypertable is dropped alone.
DROP TABLE ts.results_raw;
DROP TABLE ts.rollup_progress, ts.sketches_1d, ts.sketches_1h, ts.sketches_1m,
  ts.results_agg_1d, ts.results_agg_1h, ts.results_agg_1m, ts.gaps;
