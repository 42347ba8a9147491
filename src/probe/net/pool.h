#pragma once

#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "probe/loop/timers.h"
#include "probe/net/connection.h"

namespace openseer::probe {

// Connections that wait for the next check of their monitor, by all that
// distinguishes one connection from another. One whose server says goodbye goes at
// once; the others after a while, the oldest first when there are too many. One per loop.
class Pool final : private Connection::Owner {
 public:
  Pool(Timers& timers, std::span<char> buffer);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // The exchange of `connection` is ready for begin().
  void keep(std::string key, std::unique_ptr<Connection> connection);
  // A connection that is still good as far as is known; may be null. With `look` the
  // socket is asked as well: where a request must not be sent twice.
  std::unique_ptr<Connection> take(const std::string& key, bool look);

 private:
  struct Entry {
    std::string key;
    std::unique_ptr<Connection> connection;
    Monotonic expires;
  };
  using Entries = std::list<Entry>;

  void on_ready(Connection& connection) override;
  bool still_good(Connection& connection);
  void remove(Entries::iterator entry);
  void expire();

  std::span<char> buffer_;
  Entries entries_;  // oldest first
  std::unordered_multimap<std::string, Entries::iterator> by_key_;
  std::unordered_map<const Connection*, Entries::iterator> by_connection_;
  Timers::Timer timer_;
};

}  // namespace openseer::probe
