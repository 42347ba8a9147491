#include "probe/net/pool.h"

namespace openseer::probe {
namespace {

constexpr std::size_t kMaxKept = 2000;
constexpr std::chrono::minutes kIdle{10};

}  // namespace

Pool::Pool(Timers& timers, std::span<char> buffer) : buffer_(buffer), timer_(timers, [this] { expire(); }) {}

Pool::~Pool() = default;

void Pool::keep(std::string key, std::unique_ptr<Connection> kept) {
  if (entries_.size() >= kMaxKept) remove(entries_.begin());
  kept->change_owner(*this);
  const Connection* const connection = kept.get();
  entries_.push_back({std::move(key), std::move(kept), std::chrono::steady_clock::now() + kIdle});
  const auto entry = std::prev(entries_.end());
  by_key_.emplace(entry->key, entry);
  by_connection_.emplace(connection, entry);
  if (!timer_.running()) timer_.start(entry->expires);
}

std::unique_ptr<Connection> Pool::take(const std::string& key, bool look) {
  for (auto found = by_key_.find(key); found != by_key_.end(); found = by_key_.find(key)) {
    const auto entry = found->second;
    const bool good = !look || still_good(*entry->connection);
    std::unique_ptr<Connection> kept = std::move(entry->connection);
    by_connection_.erase(kept.get());
    by_key_.erase(found);
    entries_.erase(entry);
    if (good) return kept;
  }
  return nullptr;
}

// The edge of an event that came just now may still wait to be told: it is asked for.
bool Pool::still_good(Connection& connection) {
  connection.readable = true;
  http::Exchange& exchange = *connection.exchange;
  connection.pump(&exchange, buffer_,
                  [&]() -> http::Protocol* { return exchange.reusable() ? &exchange : nullptr; });
  return exchange.reusable();
}

void Pool::on_ready(Connection& connection) {
  if (!still_good(connection)) remove(by_connection_.at(&connection));
}

void Pool::remove(Entries::iterator entry) {
  const auto [first, last] = by_key_.equal_range(entry->key);
  for (auto one = first; one != last; ++one) {
    if (one->second != entry) continue;
    by_key_.erase(one);
    break;
  }
  by_connection_.erase(entry->connection.get());
  entries_.erase(entry);
}

void Pool::expire() {
  const Monotonic now = std::chrono::steady_clock::now();
  while (!entries_.empty() && entries_.front().expires <= now) remove(entries_.begin());
  if (!entries_.empty()) timer_.start(entries_.front().expires);
}

}  // namespace openseer::probe
