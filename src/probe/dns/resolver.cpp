#include "probe/dns/resolver.h"

#include <algorithm>

#include <sys/stat.h>

#include <boost/asio/post.hpp>

namespace openseer::probe::dns {
namespace {

using boost::asio::ip::address;
using boost::asio::ip::udp;

constexpr std::size_t kMaxEntries = 20'000;
constexpr std::size_t kMaxServers = 64;
constexpr Seconds kMaxTtl{24 * 3600};
constexpr Seconds kMaxNegativeTtl{300};

std::string key_of(const Question& question) {
  std::string key;
  key.reserve(question.name.size() + 1);
  key += question.family == Family::kIpv4 ? '4' : '6';
  key += question.name;
  if (question.server) {
    key += '@' + question.server->address().to_string() + '#' + std::to_string(question.server->port());
  }
  return key;
}

Answer from_file(const std::vector<address>& addresses, Family family) {
  Answer answer;
  for (const address& a : addresses) {
    if (a.is_v4() == (family == Family::kIpv4)) answer.addresses.push_back(a);
  }
  answer.outcome = answer.addresses.empty() ? Outcome::kNoAddress : Outcome::kFound;
  return answer;
}

}  // namespace

Resolver::Resolver(boost::asio::io_context& context, Poller& poller, Timers& timers, std::string hosts_file)
    : context_(context), poller_(poller), timers_(timers), hosts_(std::move(hosts_file)) {}

Resolver::~Resolver() { *alive_ = false; }

std::optional<Answer> Resolver::known(const Question& question, Monotonic now) {
  if (!question.server) {
    if (const auto* addresses = hosts_.find(question.name, now))
      return from_file(*addresses, question.family);
  }
  const auto found = entries_.find(key_of(question));
  if (found == entries_.end() || now >= found->second.expires) return std::nullopt;
  return found->second.answer;
}

Resolver::Ticket Resolver::ask(const Question& question, Callback done) {
  const std::string key = key_of(question);
  auto callback = std::make_shared<Callback>(std::move(done));
  make_room();
  Entry& entry = entries_[key];
  const bool under_way = !entry.waiting.empty();
  entry.waiting.push_back(callback);
  if (!under_way) {
    // Deferred: within c-ares nothing may go away, and a callback may end anything.
    channel(question.server).ask(question.name, question.family, [this, key](Answer answer) {
      boost::asio::post(context_, [this, key, answer = std::move(answer), alive = alive_]() mutable {
        if (*alive) on_answer(key, std::move(answer));
      });
    });
  }
  return Ticket(std::move(callback));
}

void Resolver::on_answer(const std::string& key, Answer answer) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  const std::vector<std::weak_ptr<Callback>> waiting = std::move(found->second.waiting);
  found->second.waiting.clear();
  const Seconds limit = answer.outcome == Outcome::kFound ? kMaxTtl : kMaxNegativeTtl;
  found->second.expires = std::chrono::steady_clock::now() + std::min(answer.ttl, limit);
  if (answer.ttl > Seconds{0}) {
    found->second.answer = answer;
  } else {
    entries_.erase(found);
  }
  const std::shared_ptr<bool> alive = alive_;
  for (const std::weak_ptr<Callback>& one : waiting) {
    if (const auto callback = one.lock()) (*callback)(answer);
    if (!*alive) return;
  }
}

// Whatever has expired goes; when that is not enough, so does everything that no
// query is under way for.
void Resolver::make_room() {
  if (entries_.size() < kMaxEntries) return;
  const Monotonic now = std::chrono::steady_clock::now();
  std::erase_if(entries_, [&](const auto& e) { return e.second.waiting.empty() && now >= e.second.expires; });
  if (entries_.size() < kMaxEntries / 2) return;
  std::erase_if(entries_, [](const auto& e) { return e.second.waiting.empty(); });
}

// Made anew when the machine's name servers have changed (looked at every few
// seconds), as a laptop's do.
Channel& Resolver::system_channel() {
  const Monotonic now = std::chrono::steady_clock::now();
  if (system_ && now < next_look_) return *system_;
  next_look_ = now + Seconds{5};
  struct stat status {};
  const bool there = stat("/etc/resolv.conf", &status) == 0;
  const std::int64_t changed = there ? status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec : 0;
  if (!system_ || (changed != servers_changed_ && system_->outstanding() == 0)) {
    system_ = std::make_unique<Channel>(poller_, timers_, std::nullopt);
    servers_changed_ = changed;
  }
  return *system_;
}

Channel& Resolver::channel(const std::optional<udp::endpoint>& server) {
  if (!server) return system_channel();
  auto found = std::ranges::find(others_, *server, [](const auto& other) { return other.first; });
  if (found != others_.end()) {
    others_.splice(others_.begin(), others_, found);
    return *others_.front().second;
  }
  for (auto last = others_.end(); others_.size() >= kMaxServers && last != others_.begin();) {
    --last;
    if (last->second->outstanding() == 0) last = others_.erase(last);
  }
  others_.emplace_front(*server, std::make_unique<Channel>(poller_, timers_, server));
  return *others_.front().second;
}

}  // namespace openseer::probe::dns
