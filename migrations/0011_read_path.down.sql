ALTER TABLE ts.results_agg_1d DROP dns_us, DROP connect_us, DROP tls_us, DROP wait_us, DROP download_us;
ALTER TABLE ts.results_agg_1h DROP dns_us, DROP connect_us, DROP tls_us, DROP wait_us, DROP download_us;
ALTER TABLE ts.results_agg_1m DROP dns_us, DROP connect_us, DROP tls_us, DROP wait_us, DROP download_us;
DROP TABLE ts.kept;
