-- All that a check can ask. What is left out of a specification is null or zero.

ALTER TABLE app.monitors ALTER COLUMN method TYPE text
  USING (ARRAY['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])[method];

-- Numbers are those of the proto's enums. Sealed as header values are.
ALTER TABLE app.monitors
  ADD body_type smallint NOT NULL DEFAULT 0,
  ADD auth_scheme smallint NOT NULL DEFAULT 0,
  ADD auth_username text,
  ADD auth_secret_sealed bytea, -- the scheme's password, token or client secret
  ADD auth_token_url text,
  ADD auth_client_id text,
  ADD auth_scope text,
  ADD auth_audience text,
  ADD proxy_url text,
  ADD proxy_username text,
  ADD proxy_password_sealed bytea,
  ADD http_policy smallint NOT NULL DEFAULT 0,
  ADD ip_family smallint NOT NULL DEFAULT 0,
  ADD connect_address text,
  ADD dns_server text,
  ADD reuse_connection boolean NOT NULL DEFAULT false,
  ADD tls_minimum smallint NOT NULL DEFAULT 3, -- TLS 1.2
  ADD tls_server_name text,
  ADD tls_ca_pem text,
  ADD tls_client_certificate_pem text,
  ADD tls_client_key_sealed bytea,
  -- Parallel arrays.
  ADD assertion_sources smallint[] NOT NULL DEFAULT '{}',
  ADD assertion_properties text[] NOT NULL DEFAULT '{}',
  ADD assertion_comparisons smallint[] NOT NULL DEFAULT '{}',
  ADD assertion_targets text[] NOT NULL DEFAULT '{}',
  ADD assertion_severities smallint[] NOT NULL DEFAULT '{}',
  ADD retry_count smallint NOT NULL DEFAULT 0,
  ADD retry_pause_ms integer NOT NULL DEFAULT 0,
  ADD tags text[] NOT NULL DEFAULT '{}';
