#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "probe/dns/resolver.h"
#include "probe/loop/poller.h"
#include "probe/loop/timers.h"
#include "probe/net/pool.h"
#include "probe/probe.h"
#include "probe/tls/contexts.h"

namespace openseer::probe {

// OAuth access tokens until shortly before they expire, by all that was asked with.
class TokenCache {
 public:
  std::optional<std::string> find(const std::string& key, Monotonic now);
  void keep(const std::string& key, std::string token, Seconds lifetime, Monotonic now);
  void forget(const std::string& key) { tokens_.erase(key); }

 private:
  struct Token {
    std::string value;
    Monotonic expires;
  };
  std::unordered_map<std::string, Token> tokens_;
};

// What all checks of one loop share, and no other loop sees. Owned by the Prober.
struct Loop {
  Loop(boost::asio::io_context& context, const Options& options)
      : context(context),
        options(options),
        poller(context),
        timers(context),
        resolver(context, poller, timers),
        contexts({options.ca_file, options.cache_chains}),
        buffer(64 * 1024),
        pool(timers, buffer) {}

  boost::asio::io_context& context;
  const Options& options;
  Poller poller;
  Timers timers;
  dns::Resolver resolver;
  tls::Contexts contexts;
  std::vector<char> buffer;  // what is read goes through here
  Pool pool;
  TokenCache tokens;
};

}  // namespace openseer::probe
