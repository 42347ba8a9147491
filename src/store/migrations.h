#pragma once

#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "pg/connection.h"

// The schema's versions: migrations/NNNN_name.{up,down}.sql, inside the binary.
namespace openseer::store {

namespace asio = boost::asio;

struct MigrationStatus {
  int version = 0;
  std::string name;
  bool applied = false;
};

struct SchemaStatus {
  int current = 0;  // highest applied version; 0 without a schema
  int latest = 0;   // what this binary knows
  std::vector<MigrationStatus> migrations;
};

asio::awaitable<SchemaStatus> schema_status(pg::Connection& connection);

// Applies what is missing, each in its own transaction, under a lock that keeps
// other migrators out. Returns how many. Throws pg::Error with the statement's
// failure, std::runtime_error when the schema is newer than this binary.
asio::awaitable<int> migrate_up(pg::Connection& connection);

// Takes back the `steps` newest migrations, and their data. Returns how many.
asio::awaitable<int> migrate_down(pg::Connection& connection, int steps);

}  // namespace openseer::store
