#include "probe/net/race.h"

#include <algorithm>

#include "probe/net/address.h"

namespace openseer::probe {

using Address = boost::asio::ip::address;
using domain::Reason;

void Race::begin(bool expects_ipv4, bool expects_ipv6) {
  *this = Race{};
  expects_ipv4_ = expects_ipv4;
  expects_ipv6_ = expects_ipv6;
}

void Race::resolved(bool ipv6, const std::vector<Address>& addresses, Monotonic now) {
  (ipv6 ? expects_ipv6_ : expects_ipv4_) = false;
  std::vector<Address>& waiting = ipv6 ? ipv6_ : ipv4_;
  waiting.assign(addresses.rbegin(), addresses.rend());
  if (!ipv6 && expects_ipv6_ && !addresses.empty() && !started()) patience_ = now + kResolutionDelay;
}

bool Race::waits_for_ipv6() const { return expects_ipv6_ && !started() && patience_.has_value(); }

std::optional<Race::Attempt> Race::next(Monotonic now) {
  if (tried_.size() >= kMaxAttempts || (ipv4_.empty() && ipv6_.empty())) return std::nullopt;
  if (waits_for_ipv6() && now < *patience_) return std::nullopt;
  if (running_ > 0 && not_before_ && now < *not_before_) return std::nullopt;
  const bool ipv6 = !ipv6_.empty() && (ipv4_.empty() || !started() || !last_was_ipv6_);
  std::vector<Address>& from = ipv6 ? ipv6_ : ipv4_;
  Tried tried;
  tried.address = from.back();
  tried.started = now;
  from.pop_back();
  last_was_ipv6_ = ipv6;
  not_before_ = now + kAttemptDelay;
  ++running_;
  tried_.push_back(std::move(tried));
  return Attempt{tried_.size() - 1, tried_.back().address};
}

void Race::end(Tried& tried, Reason reason, Monotonic now) {
  if (!tried.running) return;
  tried.running = false;
  tried.reason = reason;
  tried.elapsed = std::chrono::duration_cast<Microseconds>(now - tried.started);
  --running_;
}

void Race::failed(std::size_t id, Reason reason, Monotonic now) {
  end(tried_[id], reason, now);
  not_before_.reset();
}

void Race::won(std::size_t id, Monotonic now) {
  end(tried_[id], Reason::kNone, now);
  given_up(now);
}

void Race::given_up(Monotonic now) {
  for (Tried& tried : tried_) end(tried, Reason::kTimeoutConnect, now);
}

std::optional<Monotonic> Race::wake() const {
  if (tried_.size() >= kMaxAttempts || (ipv4_.empty() && ipv6_.empty())) return std::nullopt;
  return waits_for_ipv6() ? patience_ : not_before_;
}

bool Race::lost() const {
  const bool more = tried_.size() < kMaxAttempts && (!ipv4_.empty() || !ipv6_.empty());
  return running_ == 0 && !more && !expects_ipv4_ && !expects_ipv6_;
}

std::vector<domain::AddressAttempt> Race::attempts() const {
  std::vector<domain::AddressAttempt> out;
  out.reserve(tried_.size());
  for (const Tried& tried : tried_) out.push_back({text_of(tried.address), tried.reason, tried.elapsed});
  return out;
}

}  // namespace openseer::probe
