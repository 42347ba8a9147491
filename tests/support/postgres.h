#pragma once

#include <string>

namespace openseer::test {

// A migrated, empty database of its own, dropped with the object; one per test
// suite or test.
//
//   TestDatabase database;
//   pg::Pool pool(loop.executor(), {.conninfo = database.conninfo()});
//
// The first one in a process starts a private PostgreSQL (unix socket only,
// fsync off) in a temporary directory; it ends with the process, however that
// ends. When OPENSEER_TEST_DATABASE_URL names a server (a superuser's
// connection), the databases are made there instead. The migrations run once
// per server, in a template that the databases are cloned from.
class TestDatabase {
 public:
  enum class Schema { kMigrated, kEmpty };

  // Throws std::runtime_error or pg::Error with what went wrong.
  explicit TestDatabase(Schema schema = Schema::kMigrated);
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  // As libpq takes it.
  const std::string& conninfo() const { return conninfo_; }
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  std::string conninfo_;
};

}  // namespace openseer::test
