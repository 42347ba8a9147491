#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "pg/connection.h"

namespace openseer::pg {

class Pool;

// A connection on loan; goes back to the pool when destroyed.
class Loan {
 public:
  Loan(Pool& pool, std::unique_ptr<Connection> connection);
  Loan(Loan&& other) noexcept;
  Loan& operator=(Loan&&) = delete;
  ~Loan();
  Connection* operator->() const { return connection_.get(); }
  // As Connection's, and counted by the pool.
  asio::awaitable<std::vector<Rows>> run(std::vector<Query> queries, Milliseconds timeout);
  Connection& operator*() const { return *connection_; }

 private:
  Pool* pool_;
  std::weak_ptr<void> pool_lives_;  // a loan in an abandoned coroutine may outlive the pool
  std::unique_ptr<Connection> connection_;
};

// A transaction, which begins with its first statement. Destroyed without
// commit() it is rolled back (the connection is closed, which costs a reconnect:
// the exceptional path).
class Transaction {
 public:
  Transaction(Loan loan, const Statement& begin) : loan_(std::move(loan)), begin_(&begin) {}
  Transaction(Transaction&&) noexcept = default;

  asio::awaitable<Rows> query(const Statement& statement, Params params);
  // In one round trip.
  asio::awaitable<std::vector<Rows>> pipeline(std::vector<Query> queries);
  // Runs `last` and commits, in one round trip.
  asio::awaitable<void> commit(std::vector<Query> last = {});
  asio::awaitable<void> rollback();

 private:
  Loan loan_;
  const Statement* begin_;
  bool begun_ = false;
};

// Connections to one database. Owned by app; lives on one executor's thread.
class Pool {
 public:
  struct Options {
    std::string conninfo;  // URI or key=value, as libpq takes them
    std::size_t connections = 8;
    Milliseconds connect_timeout{5'000};
    Milliseconds acquire_timeout{5'000};  // waiting for a free connection
    Milliseconds query_timeout{30'000};
  };

  Pool(asio::any_io_executor executor, Options options);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // One statement, or one pipeline of statements, as one transaction. Throws
  // Error, Unavailable.
  asio::awaitable<Rows> query(const Statement& statement, Params params = {});
  asio::awaitable<std::vector<Rows>> pipeline(std::vector<Query> queries);
  asio::awaitable<Transaction> begin();
  // Read-only; every statement sees the same instant.
  asio::awaitable<Transaction> begin_snapshot();
  asio::awaitable<Loan> acquire();

  const Options& options() const { return options_; }
  const asio::any_io_executor& executor() const { return executor_; }
  std::size_t open_connections() const { return open_; }
  // Sent so far, by all connections.
  std::uint64_t statements() const { return statements_; }

 private:
  friend class Loan;
  void give_back(std::unique_ptr<Connection> connection);

  asio::any_io_executor executor_;
  Options options_;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::deque<asio::steady_timer*> waiters_;
  std::size_t open_ = 0;
  std::uint64_t statements_ = 0;
  std::shared_ptr<void> lives_ = std::make_shared<char>();
};

}  // namespace openseer::pg
