#include "app/readiness.h"

#include <stdexcept>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/clock.h"
#include "base/log.h"
#include "pg/pool.h"
#include "store/migrations.h"

namespace openseer::app {

Readiness::Readiness(asio::any_io_executor executor, pg::Pool& pool) : pool_(pool), timer_(executor) {}

Result<void> Readiness::check() const {
  if (stopped_) return Refusal{Code::kUnavailable, "shutting down", {}};
  if (!problem_.empty()) return Refusal{Code::kUnavailable, problem_, {}};
  if (!serving_) return Refusal{Code::kUnavailable, "starting", {}};
  return {};
}

void Readiness::stop() {
  stopped_ = true;
  timer_.cancel();
}

asio::awaitable<bool> Readiness::wait_until_good() {
  Milliseconds wait{250};
  while (!stopped_) {
    report(co_await look(true));
    if (problem_.empty()) co_return true;
    co_await pause(wait);
    wait = std::min(wait * 2, Milliseconds{2'000});
  }
  co_return false;
}

asio::awaitable<void> Readiness::watch() {
  while (!stopped_) {
    co_await pause(Milliseconds{2'000});
    if (!stopped_) report(co_await look(false));
  }
}

// What is wrong with the database; empty when nothing is.
asio::awaitable<std::string> Readiness::look(bool starting) {
  store::SchemaStatus schema;
  try {
    const pg::Loan loan = co_await pool_.acquire();
    schema = co_await store::schema_status(*loan);
  } catch (const pg::Error& error) {
    co_return std::string("the database is not available: ") + error.what();
  }
  if (starting && schema.current > schema.latest) {
    throw std::runtime_error("the database's schema has version " + std::to_string(schema.current) +
                             ", newer than this binary's " + std::to_string(schema.latest) +
                             ": run a newer openseer");
  }
  for (const store::MigrationStatus& migration : schema.migrations) {
    if (migration.applied) continue;
    co_return "the database's schema has version " + std::to_string(schema.current) +
        " and lacks migration " + std::to_string(migration.version) + " (" + migration.name +
        "): run openseer migrate up";
  }
  co_return "";
}

// Logs when it changes, not every time.
void Readiness::report(const std::string& problem) {
  if (problem != problem_ && !problem.empty()) log::warning("not ready", {{"reason", problem}});
  if (problem.empty() && !problem_.empty() && serving_) log::info("ready again");
  problem_ = problem;
}

asio::awaitable<void> Readiness::pause(std::chrono::milliseconds time) {
  boost::system::error_code cancelled;
  timer_.expires_after(time);
  co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
}

}  // namespace openseer::app
