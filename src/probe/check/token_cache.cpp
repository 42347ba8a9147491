#include "probe/check/loop.h"

namespace openseer::probe {
namespace {

constexpr std::size_t kMaxTokens = 10'000;
constexpr Seconds kUnsaid{300};  // the lifetime of a token whose server does not say
constexpr Seconds kMargin{10};   // a token is not used up to its last second

}  // namespace

std::optional<std::string> TokenCache::find(const std::string& key, Monotonic now) {
  const auto found = tokens_.find(key);
  if (found == tokens_.end()) return std::nullopt;
  if (now < found->second.expires) return found->second.value;
  tokens_.erase(found);
  return std::nullopt;
}

void TokenCache::keep(const std::string& key, std::string token, Seconds lifetime, Monotonic now) {
  const Seconds life = (lifetime == Seconds{0} ? kUnsaid : lifetime) - kMargin;
  if (life <= Seconds{0}) return;
  if (tokens_.size() >= kMaxTokens) tokens_.clear();
  tokens_.insert_or_assign(key, Token{std::move(token), now + life});
}

}  // namespace openseer::probe
