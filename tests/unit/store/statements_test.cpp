#include <gtest/gtest.h>

#include "pg/pool.h"
#include "support/loop.h"
#include "support/postgres.h"

namespace openseer::store {
namespace {

// PREPARE takes queries only: not BEGIN, COMMIT, ROLLBACK.
bool is_query(std::string_view sql) {
  sql.remove_prefix(std::min(sql.find_first_not_of(" \n"), sql.size()));
  for (const std::string_view verb : {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}) {
    if (sql.starts_with(verb)) return true;
  }
  return false;
}

// A wrong column or type is found here, not in production. (Only statements of
// files that this executable links; the other suites run theirs.)
TEST(Statements, CanBePreparedAgainstTheSchema) {
  test::Loop loop;
  test::TestDatabase database;
  pg::Pool pool(loop.executor(), {.conninfo = database.conninfo()});
  pg::Loan connection = loop.run(pool.acquire());
  for (const pg::Statement* statement : pg::Statement::all()) {
    const std::string name(statement->name());
    if (!is_query(statement->sql()) || name.starts_with("test_")) continue;
    SCOPED_TRACE(statement->name());
    EXPECT_NO_THROW(loop.run(
        connection->execute("PREPARE \"" + name + "\" AS " + statement->sql(), Milliseconds{5'000})));
  }
}

TEST(Statements, HaveNamesOfTheirOwn) {
  std::map<std::string, int> count;
  for (const pg::Statement* statement : pg::Statement::all()) {
    EXPECT_EQ(++count[statement->name()], 1) << statement->name();
  }
}

}  // namespace
}  // namespace openseer::store
