#include "probe/dns/channel.h"

#include <stdexcept>

#include <ares.h>
#include <arpa/nameser.h>

namespace openseer::probe::dns {
namespace {

constexpr int kTimeoutMs = 2'000;  // doubled with each round of tries
constexpr int kTries = 3;

void initialise() {
  static const int status = ares_library_init(ARES_LIB_INIT_ALL);
  if (status != ARES_SUCCESS) throw std::runtime_error(std::string("c-ares: ") + ares_strerror(status));
}

Answer failure(int status) {
  switch (status) {
    case ARES_ENOTFOUND:
      return {Outcome::kNotFound, {}, Seconds{0}, ""};
    case ARES_ENODATA:
      return {Outcome::kNoAddress, {}, Seconds{0}, ""};
    case ARES_ETIMEOUT:
      return {Outcome::kTimeout, {}, Seconds{0}, ""};
    case ARES_ECONNREFUSED:
      return {Outcome::kUnreachable, {}, Seconds{0}, ""};
    case ARES_ENOMEM:
      return {Outcome::kWorker, {}, Seconds{0}, "no memory left"};
    default:
      return {Outcome::kServerFailure, {}, Seconds{0}, ares_strerror(status)};
  }
}

}  // namespace

struct Channel::Query {
  Channel& channel;
  std::string name;
  Family family;
  Done done;
  bool plain = false;  // asked on the plain channel
};

struct Channel::Socket final : Poller::Watcher {
  Socket(Channel& owner, int descriptor) : channel(owner), fd(descriptor) {}

  // The socket may be closed, and this be gone, after the first of the two.
  void on_ready(std::uint32_t events) override {
    const bool broken = (events & (EPOLLERR | EPOLLHUP)) != 0;
    channel.process((events & EPOLLIN) != 0 || broken ? fd : ARES_SOCKET_BAD,
                    (events & EPOLLOUT) != 0 ? fd : ARES_SOCKET_BAD);
  }

  Channel& channel;
  const int fd;
};

Channel::Channel(Poller& poller, Timers& timers, std::optional<boost::asio::ip::udp::endpoint> server)
    : poller_(poller),
      timer_(timers, [this] { process(ARES_SOCKET_BAD, ARES_SOCKET_BAD); }),
      fixed_server_(server.has_value()) {
  initialise();
  open(std::move(server));
}

void Channel::open(std::optional<boost::asio::ip::udp::endpoint> server) {
  ares_options options{};
  options.timeout = kTimeoutMs;
  options.tries = kTries;
  options.flags = ARES_FLAG_NOALIASES | ARES_FLAG_NOCHECKRESP;
  // The worker's search domains mean nothing to somebody else's server.
  if (server) options.flags |= ARES_FLAG_NOSEARCH;
  options.sock_state_cb_data = this;
  options.sock_state_cb = [](void* self, int fd, int readable, int writable) {
    static_cast<Channel*>(self)->on_socket(fd, readable != 0, writable != 0);
  };
  char bytes_only[] = "b";  // the hosts file is read by Hosts
  options.lookups = bytes_only;
  const int mask =
      ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB | ARES_OPT_LOOKUPS;
  if (ares_init_options(&plain_, &options, mask) != ARES_SUCCESS) throw std::runtime_error("c-ares: channel");
  if (server) {
    const std::string address = server->address().to_string();
    const std::string host = server->address().is_v6() ? "[" + address + "]" : address;
    const std::string csv = host + ":" + std::to_string(server->port());
    if (ares_set_servers_ports_csv(plain_, csv.c_str()) != ARES_SUCCESS) {
      throw std::runtime_error("c-ares: server " + csv);
    }
    return;
  }
  options.flags = ARES_FLAG_NOALIASES;
  if (ares_init_options(&checking_, &options, mask) != ARES_SUCCESS) {
    throw std::runtime_error("c-ares: channel");
  }
}

Channel::~Channel() {
  closing_ = true;
  if (checking_ != nullptr) ares_destroy(checking_);
  if (plain_ != nullptr) ares_destroy(plain_);
}

void Channel::ask(const std::string& name, Family family, Done done) {
  auto query = std::make_unique<Query>(Query{*this, name, family, std::move(done)});
  query->plain = fixed_server_;
  ++outstanding_;
  send(std::move(query));
  rearm();
}

void Channel::send(std::unique_ptr<Query> query) {
  const int type = query->family == Family::kIpv4 ? ns_t_a : ns_t_aaaa;
  ares_channeldata* const channel = query->plain ? plain_ : checking_;
  Query* const argument = query.release();  // comes back in the callback
  ares_search(
      channel, argument->name.c_str(), ns_c_in, type,
      [](void* given, int status, int, unsigned char* reply, int length) {
        std::unique_ptr<Query> owned(static_cast<Query*>(given));
        Channel& self = owned->channel;
        const std::size_t size = reply == nullptr ? 0 : static_cast<std::size_t>(length);
        self.on_reply(std::move(owned), status, {reply, size});
      },
      argument);
}

void Channel::on_reply(std::unique_ptr<Query> query, int status, std::span<const unsigned char> reply) {
  if (closing_) return;
  // After a SERVFAIL from every server c-ares says no more than ECONNREFUSED: the
  // first server is asked once more for what it says.
  if (status == ARES_ECONNREFUSED && !query->plain) {
    query->plain = true;
    return send(std::move(query));
  }
  --outstanding_;
  const bool readable = !reply.empty() && status != ARES_ETIMEOUT && status != ARES_ECONNREFUSED;
  query->done(readable ? read_reply(reply, query->family) : failure(status));
}

void Channel::on_socket(int fd, bool readable, bool writable) {
  const auto found = sockets_.find(fd);
  if (!readable && !writable) {
    if (found == sockets_.end()) return;
    poller_.remove(fd, *found->second);
    sockets_.erase(found);
    return;
  }
  const std::uint32_t events = (readable ? EPOLLIN : 0U) | (writable ? EPOLLOUT : 0U);
  if (found != sockets_.end()) {
    poller_.modify(fd, *found->second, events);
    return;
  }
  auto socket = std::make_unique<Socket>(*this, fd);
  poller_.add(fd, *socket, events);
  sockets_.emplace(fd, std::move(socket));
}

void Channel::process(int readable, int writable) {
  if (checking_ != nullptr) ares_process_fd(checking_, readable, writable);
  ares_process_fd(plain_, readable, writable);
  rearm();
}

// c-ares looks at its time-outs only when it is told to.
void Channel::rearm() {
  std::optional<Milliseconds> soonest;
  for (ares_channeldata* const channel : {checking_, plain_}) {
    if (channel == nullptr) continue;
    timeval left{};
    if (ares_timeout(channel, nullptr, &left) == nullptr) continue;
    const Milliseconds wait{left.tv_sec * 1000 + left.tv_usec / 1000 + 1};
    if (!soonest || wait < *soonest) soonest = wait;
  }
  if (soonest) {
    timer_.start(std::chrono::steady_clock::now() + *soonest);
  } else {
    timer_.cancel();
  }
}

}  // namespace openseer::probe::dns
