#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include <boost/asio/ip/udp.hpp>

#include "probe/dns/reply.h"
#include "probe/loop/poller.h"
#include "probe/loop/timers.h"

struct ares_channeldata;

namespace openseer::probe::dns {

// One c-ares channel on one loop: questions go out, replies come back, time-outs
// and tries are c-ares's. Owned by the Resolver.
class Channel {
 public:
  using Done = std::function<void(Answer)>;

  // Without `server`: what /etc/resolv.conf says, search domains included.
  Channel(Poller& poller, Timers& timers, std::optional<boost::asio::ip::udp::endpoint> server);
  // Answers that are outstanding never come.
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // `done` runs once, possibly from within; it must not destroy the channel.
  void ask(const std::string& name, Family family, Done done);
  std::size_t outstanding() const { return outstanding_; }

 private:
  struct Query;
  struct Socket;

  void open(std::optional<boost::asio::ip::udp::endpoint> server);
  void send(std::unique_ptr<Query> query);
  void on_reply(std::unique_ptr<Query> query, int status, std::span<const unsigned char> reply);
  void on_socket(int fd, bool readable, bool writable);
  void process(int readable, int writable);
  void rearm();

  Poller& poller_;
  Timers::Timer timer_;
  bool closing_ = false;
  const bool fixed_server_;
  std::size_t outstanding_ = 0;
  std::unordered_map<int, std::unique_ptr<Socket>> sockets_;
  ares_channeldata* checking_ = nullptr;  // tries the next server after SERVFAIL, and forgets it was one
  ares_channeldata* plain_ = nullptr;     // takes the first reply, whatever it says
};

}  // namespace openseer::probe::dns
