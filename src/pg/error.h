#pragma once

#include <stdexcept>
#include <string>

namespace openseer::pg {

// A statement failed, or the database is away. `sqlstate` is PostgreSQL's
// five-character code (appendix A), empty when the connection itself failed.
class Error : public std::runtime_error {
 public:
  Error(const std::string& message, std::string sqlstate)
      : std::runtime_error(message), sqlstate_(std::move(sqlstate)) {}
  const std::string& sqlstate() const { return sqlstate_; }
  bool unique_violation() const { return sqlstate_ == "23505"; }

 private:
  std::string sqlstate_;
};

// No connection: refused, lost, shutting down or too slow. Worth another try.
class Unavailable : public Error {
 public:
  explicit Unavailable(const std::string& message, std::string sqlstate = {})
      : Error(message, std::move(sqlstate)) {}
};

}  // namespace openseer::pg
