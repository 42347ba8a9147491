#include "pg/pool.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace openseer::pg {
namespace {
const Statement kBegin{"begin", "BEGIN"};
const Statement kBeginSnapshot{"begin_snapshot", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"};
const Statement kCommit{"commit", "COMMIT"};
const Statement kRollback{"rollback", "ROLLBACK"};
}  // namespace

Loan::Loan(Pool& pool, std::unique_ptr<Connection> connection)
    : pool_(&pool), pool_lives_(pool.lives_), connection_(std::move(connection)) {}
Loan::Loan(Loan&& other) noexcept
    : pool_(other.pool_),
      pool_lives_(std::move(other.pool_lives_)),
      connection_(std::move(other.connection_)) {}
Loan::~Loan() {
  if (connection_ && !pool_lives_.expired()) pool_->give_back(std::move(connection_));
}

asio::awaitable<std::vector<Rows>> Loan::run(std::vector<Query> queries, Milliseconds timeout) {
  pool_->statements_ += queries.size();
  return connection_->run(std::move(queries), timeout);
}

asio::awaitable<Rows> Transaction::query(const Statement& statement, Params params) {
  std::vector<Query> one;
  one.push_back({&statement, std::move(params)});
  std::vector<Rows> results = co_await pipeline(std::move(one));
  co_return std::move(results.front());
}

asio::awaitable<std::vector<Rows>> Transaction::pipeline(std::vector<Query> queries) {
  const bool begins = !std::exchange(begun_, true);
  if (begins) queries.insert(queries.begin(), {begin_, {}});
  std::vector<Rows> results = co_await loan_.run(std::move(queries), Milliseconds{30'000});
  if (begins) results.erase(results.begin());
  co_return results;
}

asio::awaitable<void> Transaction::commit(std::vector<Query> last) {
  if (!begun_ && last.empty()) co_return;
  last.push_back({&kCommit, {}});
  co_await pipeline(std::move(last));
}

asio::awaitable<void> Transaction::rollback() {
  if (begun_) co_await query(kRollback, {});
}

Pool::Pool(asio::any_io_executor executor, Options options)
    : executor_(std::move(executor)), options_(std::move(options)) {}
Pool::~Pool() = default;

asio::awaitable<Rows> Pool::query(const Statement& statement, Params params) {
  std::vector<Query> one;
  one.push_back({&statement, std::move(params)});
  std::vector<Rows> results = co_await pipeline(std::move(one));
  co_return std::move(results.front());
}

asio::awaitable<std::vector<Rows>> Pool::pipeline(std::vector<Query> queries) {
  Loan loan = co_await acquire();
  co_return co_await loan.run(std::move(queries), options_.query_timeout);
}

asio::awaitable<Transaction> Pool::begin() { co_return Transaction(co_await acquire(), kBegin); }
asio::awaitable<Transaction> Pool::begin_snapshot() {
  co_return Transaction(co_await acquire(), kBeginSnapshot);
}

asio::awaitable<Loan> Pool::acquire() {
  const Monotonic deadline = std::chrono::steady_clock::now() + options_.acquire_timeout;
  std::exception_ptr refused;
  while (true) {
    if (!idle_.empty()) {
      std::unique_ptr<Connection> connection = std::move(idle_.back());
      idle_.pop_back();
      co_return Loan(*this, std::move(connection));
    }
    if (open_ < options_.connections && !refused) {
      ++open_;
      try {
        auto connection = co_await Connection::open(executor_, options_.conninfo, options_.connect_timeout);
        co_return Loan(*this, std::move(connection));
      } catch (const Unavailable&) {
        refused = std::current_exception();
      } catch (...) {
        give_back(nullptr);
        throw;
      }
      // A server that has no more connections for us: those that are open serve all.
      if (open_ == 1) {
        give_back(nullptr);
        std::rethrow_exception(refused);
      }
      --open_;
      continue;
    }
    asio::steady_timer turn(executor_, deadline);
    waiters_.push_back(&turn);
    boost::system::error_code error;
    co_await turn.async_wait(asio::redirect_error(asio::use_awaitable, error));
    const auto mine = std::find(waiters_.begin(), waiters_.end(), &turn);
    if (mine == waiters_.end()) {  // woken: something was given back
      refused = nullptr;
      continue;
    }
    waiters_.erase(mine);
    if (!error && refused) std::rethrow_exception(refused);
    if (!error) throw Unavailable("every database connection is busy");
    throw boost::system::system_error(error);  // the caller was cancelled
  }
}

void Pool::give_back(std::unique_ptr<Connection> connection) {
  if (connection && !connection->broken() && !connection->in_transaction()) {
    idle_.push_back(std::move(connection));
  } else {
    // A broken connection says that its siblings may be broken, too.
    if (connection && connection->broken()) {
      open_ -= idle_.size();
      idle_.clear();
    }
    --open_;
  }
  if (!waiters_.empty()) {
    asio::steady_timer* next = waiters_.front();
    waiters_.pop_front();
    next->cancel();
  }
}

}  // namespace openseer::pg
