#include "pg/pool.h"

#include <gtest/gtest.h>

#include "pg/error.h"
#include "support/loop.h"
#include "support/postgres.h"

namespace openseer::pg {
namespace {

const Statement kOne{"one", "SELECT 1"};
const Statement kGiven{"given", "SELECT repeat('x', 1000) FROM generate_series(1, $1::bigint)"};
const Statement kTaken{"taken", "SELECT length($1::text)::bigint"};

// A server that lets one connection in, and a pool that would like four.
class ScarceConnections : public testing::Test {
 protected:
  void SetUp() override {
    admin("DROP ROLE IF EXISTS openseer_scarce");
    admin("CREATE ROLE openseer_scarce LOGIN CONNECTION LIMIT 1");
  }
  void TearDown() override { admin("DROP ROLE openseer_scarce"); }
  void admin(const std::string& sql) {
    const Loan loan = loop_.run(admin_.acquire());
    loop_.run(loan->execute(sql, Seconds{10}));
  }
  Pool scarce(Milliseconds patience) {
    return Pool(loop_.executor(), {.conninfo = database_.conninfo() + " user=openseer_scarce",
                                   .connections = 4,
                                   .acquire_timeout = patience});
  }
  static asio::awaitable<void> ask(Pool& pool) { co_await pool.query(kOne); }

  test::Loop loop_;
  test::TestDatabase database_;
  Pool admin_{loop_.executor(), {.conninfo = database_.conninfo()}};
};

TEST_F(ScarceConnections, TheOnesThatAreOpenServeAll) {
  Pool pool = scarce(Seconds{20});
  auto held = std::make_optional(loop_.run(pool.acquire()));
  bool served = false;
  asio::co_spawn(loop_.context(), ask(pool), [&](const std::exception_ptr& failure) {
    EXPECT_FALSE(failure);
    served = true;
  });
  // The refusal comes first, then the held connection is given back.
  EXPECT_FALSE(loop_.run_until([&] { return served; }, Seconds{1}));
  held.reset();
  EXPECT_TRUE(loop_.run_until([&] { return served; }));
  EXPECT_EQ(pool.open_connections(), 1);
}

TEST_F(ScarceConnections, WhoWaitedInVainHearsTheServersReason) {
  Pool pool = scarce(Milliseconds{300});
  const Loan held = loop_.run(pool.acquire());
  try {
    loop_.run(pool.query(kOne));
    ADD_FAILURE() << "there was a second connection";
  } catch (const Unavailable& error) {
    EXPECT_NE(std::string(error.what()).find("too many connections"), std::string::npos) << error.what();
  }
}

// More in both directions than the sockets hold: while we send the second statement's
// parameter the server waits for us to read the first one's rows.
TEST(Pipeline, ReadsWhileItSends) {
  constexpr std::int64_t kRows = 20'000;
  test::Loop loop;
  test::TestDatabase database;
  Pool pool(loop.executor(), {.conninfo = database.conninfo()});
  std::vector<Query> queries;
  queries.push_back({&kGiven, pg::bind(kRows)});
  queries.push_back({&kTaken, pg::bind(std::string(20'000'000, 'y'))});
  const std::vector<Rows> results = loop.run(pool.pipeline(std::move(queries)));
  EXPECT_EQ(results[0].size(), static_cast<std::size_t>(kRows));
  EXPECT_EQ(results[1][0].get<std::int64_t>(0), 20'000'000);
}

}  // namespace
}  // namespace openseer::pg
