#pragma once

#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "pg/error.h"
#include "pg/result.h"
#include "pg/statement.h"

namespace openseer::pg {

namespace asio = boost::asio;

// A statement with its parameters, as sent.
struct Query {
  const Statement* statement;
  Params params;
};

struct Notification {
  std::string channel;
  std::string payload;
};

// One connection, used by one coroutine at a time, on the executor's thread.
// After an exception from run() or wait_notification() other than a plain Error
// (a statement the server refused) the connection is broken and must be dropped.
class Connection {
 public:
  // Connects; throws Unavailable with the server's or the system's words.
  static asio::awaitable<std::unique_ptr<Connection>> open(asio::any_io_executor executor,
                                                           std::string conninfo, Milliseconds timeout);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Sends all queries at once and gives their results in order. Outside an
  // explicit transaction they are one. Throws Error with the first failure.
  asio::awaitable<std::vector<Rows>> run(std::vector<Query> queries, Milliseconds timeout);
  // Runs plain text, possibly several statements (migrations, SET, LISTEN).
  asio::awaitable<void> execute(std::string sql, Milliseconds timeout);
  // The next notification, or nothing after `timeout`.
  asio::awaitable<std::optional<Notification>> wait_notification(Milliseconds timeout);

  bool broken() const { return broken_; }
  bool in_transaction() const;

 private:
  struct Native;
  explicit Connection(std::unique_ptr<Native> native);
  asio::awaitable<void> flush();
  asio::awaitable<void> await_result();

  std::unique_ptr<Native> native_;
  std::unordered_set<const Statement*> prepared_;
  bool broken_ = false;
};

}  // namespace openseer::pg
