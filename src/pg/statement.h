#pragma once

#include <vector>

namespace openseer::pg {

// A statement with its text, made once as a constant beside the function that
// runs it. Prepared on each connection at its first use. Every one is known to
// all(), so that a test can prepare them against the migrated schema.
class Statement {
 public:
  Statement(const char* name, const char* sql);
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  const char* name() const { return name_; }
  const char* sql() const { return sql_; }
  static const std::vector<const Statement*>& all();

 private:
  const char* name_;
  const char* sql_;
};

}  // namespace openseer::pg
