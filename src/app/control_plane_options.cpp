#include "app/control_plane_options.h"

namespace openseer::app {
namespace {

using options::Option;

void append(std::vector<Option>& to, std::vector<Option> more) {
  for (Option& option : more) to.push_back(std::move(option));
}

std::vector<Option> listening(ControlPlaneOptions& o, const std::string& address) {
  return {
      {"http-port", "OPENSEER_HTTP_PORT", "PORT", "3000",
       "The web UI and the API below /api, over plain HTTP.", options::port(o.http_port)},
      {"http-address", "OPENSEER_HTTP_ADDRESS", "IP", "127.0.0.1",
       "The address it listens on. For others than this machine, put a reverse proxy with TLS in front.",
       options::ip_address(o.http_address)},
      {"api-port", "OPENSEER_API_PORT", "PORT", "8082", "The API, and the enrolment of workers, over HTTPS.",
       options::port(o.api_port)},
      {"worker-port", "OPENSEER_WORKER_PORT", "PORT", "8081", "The workers' gRPC streams, with mutual TLS.",
       options::port(o.worker_port)},
      {"address", "OPENSEER_ADDRESS", "IP", address,
       "The address that the API and the workers' port listen on.", options::ip_address(o.address)},
      {"public-names", "OPENSEER_PUBLIC_NAMES", "LIST", "",
       "Names and addresses, separated by commas, under which others reach this machine. They go into its "
       "certificates, beside localhost and the host's name.",
       options::list(o.public_names)},
      {"allow-insecure-http", "OPENSEER_ALLOW_INSECURE_HTTP", "", "",
       "Allows sign-in over plain HTTP from other machines: passwords are then readable on the way.",
       options::flag(o.allow_insecure_http)},
      {"trust-proxy", "OPENSEER_TRUST_PROXY", "", "",
       "Believes X-Forwarded-For, -Proto and -Host. Only behind a reverse proxy that sets them.",
       options::flag(o.trust_proxy)},
      {"allowed-origins", "OPENSEER_ALLOWED_ORIGINS", "LIST", "",
       "Other web origins whose pages may call the API, such as https://status.example.com.",
       options::list(o.allowed_origins)},
  };
}

std::vector<Option> tuning(ControlPlaneOptions& o) {
  using std::chrono::hours;
  using std::chrono::minutes;
  return {
      {"lease", "OPENSEER_LEASE", "TIME", "15s",
       "How long a worker may hold a check before it is given to another. Checks that take longer renew it.",
       options::duration(o.lease, Seconds{1}, minutes{10})},
      {"worker-certificate-life", "OPENSEER_WORKER_CERTIFICATE_LIFE", "TIME", "30d",
       "How long a worker's certificate lasts. Workers renew theirs at two thirds of its life.",
       options::duration(o.worker_certificate_life, Seconds{15}, hours{24 * 365})},
      {"keep-raw", "OPENSEER_KEEP_RAW", "TIME", "7d", "How long single results are kept, or forever.",
       options::retention(o.keep_raw)},
      {"keep-1m", "OPENSEER_KEEP_1M", "TIME", "30d", "How long figures by the minute are kept, or forever.",
       options::retention(o.keep_1m)},
      {"keep-1h", "OPENSEER_KEEP_1H", "TIME", "365d", "How long figures by the hour are kept, or forever.",
       options::retention(o.keep_1h)},
      {"keep-1d", "OPENSEER_KEEP_1D", "TIME", "forever", "How long figures by the day are kept, or forever.",
       options::retention(o.keep_1d)},
      {"database-connections", "OPENSEER_DATABASE_CONNECTIONS", "N", "16", "Connections to the database.",
       options::integer<std::size_t>(o.database_connections, 2, 500)},
  };
}

}  // namespace

std::vector<Option> common_options(ControlPlaneOptions& into, const std::string& address) {
  std::vector<Option> table = listening(into, address);
  append(table, tuning(into));
  append(table, access_options(into.access));
  append(table, log_options(into.log));
  return table;
}

std::vector<Option> database_options(ControlPlaneOptions& into) {
  std::vector<Option> table{options::required(
      options::secret({"database-url", "DATABASE_URL", "URL", "",
                       "The PostgreSQL 15+ to use, such as postgresql://user:password@host/database.",
                       options::text(into.database_url)}))};
  append(table, secret_key_options(into.secret_key));
  return table;
}

}  // namespace openseer::app
