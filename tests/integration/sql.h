#pragma once

#include <cstdint>
#include <memory>
#include <string>

struct pg_conn;  // libpq's

namespace openseer::test {

// A connection for looking at the database from outside. Reconnects when the
// server was away. Throws std::runtime_error with the server's words.
class Sql {
 public:
  explicit Sql(std::string conninfo) : conninfo_(std::move(conninfo)) {}

  void execute(const std::string& sql);
  // The first column of the first row; "" for null or no row.
  std::string text(const std::string& sql);
  // Likewise; 0 for null or no row.
  std::int64_t number(const std::string& sql);

 private:
  struct Close {
    void operator()(pg_conn* connection) const;
  };
  void connect();

  std::string conninfo_;
  std::unique_ptr<pg_conn, Close> connection_;
};

// The ledger: what is wrong with the accounts of all jobs, "" when nothing is.
// Every slot that has come due is a result, or lies in a gap, or is still open,
// and never two of these; every result and every gap lies on a slot.
std::string ledger_errors(Sql& sql);

}  // namespace openseer::test
