ALTER TABLE app.monitors
  DROP body_type, DROP auth_scheme, DROP auth_username, DROP auth_secret_sealed, DROP auth_token_url,
  DROP auth_client_id, DROP auth_scope, DROP auth_audience, DROP proxy_url, DROP proxy_username,
  DROP proxy_password_sealed, DROP http_policy, DROP ip_family, DROP connect_address, DROP dns_server,
  DROP reuse_connection, DROP tls_minimum, DROP tls_server_name, DROP tls_ca_pem,
  DROP tls_client_certificate_pem, DROP tls_client_key_sealed, DROP assertion_sources,
  DROP assertion_properties, DROP assertion_comparisons, DROP assertion_targets, DROP assertion_severities,
  DROP retry_count, DROP retry_pause_ms, DROP tags;
-- A method that the older schema does not know becomes GET.
ALTER TABLE app.monitors ALTER COLUMN method TYPE smallint
  USING coalesce(array_position(ARRAY['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'], method), 1)::smallint;
