#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/address.hpp>

#include "domain/result.h"

namespace openseer::probe {

// Names to addresses by the system's resolver (getaddrinfo), so that hosts
// files, search domains and name service switches hold for checks as for every
// other program. libcurl's own lookup does not say why it failed; this one tells
// a name that does not exist from a server that does not answer.
//
// Lookups block threads of its own, as many as are needed up to a limit, so that
// a slow name server delays nobody else. A thread stuck in getaddrinfo cannot be
// interrupted: it outlives the resolver, touches only what it shares with it, and
// ends with its lookup. Owned by the Prober; every callback runs on the executor.
class Resolver {
 public:
  struct Answer {
    std::vector<boost::asio::ip::address> addresses;  // best first; empty when it failed
    domain::Reason reason = domain::Reason::kNone;
    std::string message;
  };
  using Callback = std::function<void(Answer)>;

  explicit Resolver(boost::asio::any_io_executor executor);
  // Callbacks that have not run by now never do, unless already posted.
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // A lookup whose `owner` is gone by the time a thread gets to it is dropped.
  void lookup(std::string host, std::weak_ptr<void> owner, Callback done);

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace openseer::probe
