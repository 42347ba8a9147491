#pragma once

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>

#include "probe/dns/channel.h"
#include "probe/dns/hosts.h"

namespace openseer::probe::dns {

struct Question {
  std::string name;  // lower case, ASCII
  Family family = Family::kIpv4;
  std::optional<boost::asio::ip::udp::endpoint> server;  // empty: the system's
};

// Names to addresses for all checks of a loop: localhost, the hosts file, and a
// cache of what name servers said that keeps each answer, good or bad, as long as
// its TTL allows and no longer. Many who ask the same thing at once are answered
// by one query. A failure of a server is never kept. Owned by the loop that runs it.
class Resolver {
 public:
  using Callback = std::function<void(const Answer&)>;

  // A question that is under way; whoever lets go of it is not called back.
  class Ticket {
   public:
    Ticket() = default;

   private:
    friend class Resolver;
    explicit Ticket(std::shared_ptr<Callback> callback) : callback_(std::move(callback)) {}
    std::shared_ptr<Callback> callback_;
  };

  Resolver(boost::asio::io_context& context, Poller& poller, Timers& timers,
           std::string hosts_file = "/etc/hosts");
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // What is known without asking anyone.
  std::optional<Answer> known(const Question& question, Monotonic now);
  // `done` runs once, never from within, unless the ticket goes before.
  Ticket ask(const Question& question, Callback done);

 private:
  struct Entry {
    Answer answer;
    Monotonic expires;
    std::vector<std::weak_ptr<Callback>> waiting;  // not empty: a query is under way
  };

  Channel& system_channel();
  Channel& channel(const std::optional<boost::asio::ip::udp::endpoint>& server);
  void on_answer(const std::string& key, Answer answer);
  void make_room();

  boost::asio::io_context& context_;
  Poller& poller_;
  Timers& timers_;
  Hosts hosts_;
  std::unordered_map<std::string, Entry> entries_;
  std::unique_ptr<Channel> system_;
  Monotonic next_look_{};
  std::int64_t servers_changed_ = 0;
  std::list<std::pair<boost::asio::ip::udp::endpoint, std::unique_ptr<Channel>>> others_;  // newest use first
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace openseer::probe::dns
