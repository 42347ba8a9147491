#include "probe/resolver.h"

#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>

#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/ip/udp.hpp>
#include <boost/asio/post.hpp>

namespace openseer::probe {
namespace {

using boost::asio::ip::address;
using domain::Reason;

constexpr std::size_t kMaxThreads = 256;
constexpr Seconds kIdleLife{10};

struct Lookup {
  std::string host;
  std::weak_ptr<void> owner;
  Resolver::Callback done;
};

// Whether this machine has a way to `target`: connecting a datagram socket
// chooses a route and sends nothing.
bool has_route(const address& target) {
  const boost::asio::ip::udp::endpoint endpoint(target, 9);
  const int fd = socket(endpoint.protocol().family(), SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno != EAFNOSUPPORT;
  const bool found = connect(fd, endpoint.data(), static_cast<socklen_t>(endpoint.size())) == 0;
  close(fd);
  return found;
}

// Without the family that has no route here: its "network is unreachable" would
// hide what the reachable addresses answer.
void drop_unroutable(std::vector<address>& addresses) {
  const bool mixed = std::ranges::any_of(addresses, [](const address& a) { return a.is_v6(); }) &&
                     std::ranges::any_of(addresses, [](const address& a) { return a.is_v4(); });
  if (!mixed) return;
  std::vector<address> routable;
  std::ranges::copy_if(addresses, std::back_inserter(routable), has_route);
  if (!routable.empty()) addresses = std::move(routable);
}

Resolver::Answer failure(const std::string& host, int error, int system_error) {
  switch (error) {
    case EAI_NONAME:
      return {{}, Reason::kDnsNotFound, "the name " + host + " does not exist"};
    case EAI_NODATA:
      return {{}, Reason::kDnsNotFound, "the name " + host + " has no address"};
    case EAI_MEMORY:
      return {{}, Reason::kWorker, "the worker has no memory left to look up " + host};
    case EAI_SYSTEM:
      if (system_error == EMFILE || system_error == ENFILE || system_error == ENOMEM) {
        return {{}, Reason::kWorker, "the worker has no descriptors left to look up " + host};
      }
      break;
    default:
      break;
  }
  return {{}, Reason::kDnsFailed, "the name server could not resolve " + host};
}

Resolver::Answer look_up(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int error = getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (error != 0) return failure(host, error, errno);
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(list, freeaddrinfo);
  Resolver::Answer answer;
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    if (entry->ai_family != AF_INET && entry->ai_family != AF_INET6) continue;
    boost::asio::ip::udp::endpoint endpoint;
    std::memcpy(endpoint.data(), entry->ai_addr,
                std::min<std::size_t>(entry->ai_addrlen, endpoint.capacity()));
    if (std::ranges::find(answer.addresses, endpoint.address()) == answer.addresses.end()) {
      answer.addresses.push_back(endpoint.address());
    }
  }
  if (answer.addresses.empty()) return failure(host, EAI_NODATA, 0);
  drop_unroutable(answer.addresses);
  return answer;
}

}  // namespace

// What the resolver and its threads share.
struct Resolver::Shared : std::enable_shared_from_this<Resolver::Shared> {
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<Lookup> queue;
  std::size_t threads = 0;
  std::size_t idle = 0;
  bool closed = false;
  boost::asio::any_io_executor executor;

  // Needs the lock. False when there is no thread and none can be had.
  bool ensure_thread() {
    if (idle >= queue.size() || threads >= kMaxThreads) return true;
    // A thread of ours must not take the process's signals.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
      std::thread([self = shared_from_this()] { self->run(); }).detach();
      ++threads;
    } catch (const std::system_error&) {
      // The threads there are will get to it.
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return threads > 0;
  }

  void run() {
    std::unique_lock lock(mutex);
    for (;;) {
      ++idle;
      const bool woken = wake.wait_for(lock, kIdleLife, [this] { return closed || !queue.empty(); });
      --idle;
      if (closed || !woken) break;
      Lookup next = std::move(queue.front());
      queue.pop_front();
      lock.unlock();
      if (next.owner.expired()) {
        next = {};
        lock.lock();
        continue;
      }
      Answer answer = look_up(next.host);
      lock.lock();
      deliver(std::move(next), std::move(answer));
    }
    --threads;
  }

  // Needs the lock: while it is not closed, the executor's context lives.
  void deliver(Lookup lookup, Answer answer) {
    if (closed) return;
    boost::asio::post(executor, [done = std::move(lookup.done), answer = std::move(answer)]() mutable {
      done(std::move(answer));
    });
  }
};

Resolver::Resolver(boost::asio::any_io_executor executor) : shared_(std::make_shared<Shared>()) {
  shared_->executor = std::move(executor);
}

Resolver::~Resolver() {
  const std::lock_guard lock(shared_->mutex);
  shared_->closed = true;
  shared_->queue.clear();
  shared_->executor = {};
  shared_->wake.notify_all();
}

void Resolver::lookup(std::string host, std::weak_ptr<void> owner, Callback done) {
  const std::lock_guard lock(shared_->mutex);
  shared_->queue.push_back({std::move(host), std::move(owner), std::move(done)});
  if (!shared_->ensure_thread()) {
    Lookup refused = std::move(shared_->queue.back());
    shared_->queue.pop_back();
    shared_->deliver(std::move(refused),
                     {{}, Reason::kWorker, "the worker has no threads left to look up a name"});
    return;
  }
  shared_->wake.notify_one();
}

}  // namespace openseer::probe
