#include "pg/cluster_configuration.h"

#include <algorithm>
#include <cstdint>

#include <unistd.h>

namespace openseer::pg {

std::string cluster_configuration(const std::filesystem::path& socket, bool timescale) {
  const std::int64_t memory =
      static_cast<std::int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE) >> 20U;
  const std::int64_t buffers = std::clamp<std::int64_t>(memory / 8, 64, 1024);
  std::string out =
      "# Written by openseer at every start. Put your own settings into local.conf.\n"
      "listen_addresses = ''\n"
      "port = 5432\n"
      "unix_socket_directories = '" +
      socket.string() +
      "'\n"
      "unix_socket_permissions = 0700\n"
      "max_connections = 100\n"
      "shared_buffers = " +
      std::to_string(buffers) +
      "MB\n"
      "effective_cache_size = " +
      std::to_string(std::max<std::int64_t>(memory / 2, 256)) +
      "MB\n"
      "maintenance_work_mem = 64MB\n"
      // Whole pages, once after each checkpoint, are most of the WAL: by pglz their
      // compression costs more than the leases and commits that changed them.
      "wal_compression = lz4\n"
      "max_wal_size = 4GB\n"
      "checkpoint_timeout = 15min\n"
      "random_page_cost = 1.1\n"
      // The job table changes all the time.
      "autovacuum_naptime = 15s\n"
      // A request whose client has gone is not worked on to its end.
      "client_connection_check_interval = 10s\n"
      "timezone = 'UTC'\n"
      "log_timezone = 'UTC'\n"
      "lc_messages = 'C.UTF-8'\n"
      // A week of logs, by day.
      "logging_collector = on\n"
      "log_directory = 'log'\n"
      "log_filename = 'postgresql-%a.log'\n"
      "log_truncate_on_rotation = on\n"
      "log_rotation_age = 1d\n"
      "log_rotation_size = 0\n"
      "log_checkpoints = off\n"
      "log_min_duration_statement = 5s\n";
  if (timescale) {
    out +=
        "shared_preload_libraries = 'timescaledb'\n"
        "timescaledb.telemetry_level = off\n";
  }
  return out + "include = 'local.conf'\n";
}

}  // namespace openseer::pg
