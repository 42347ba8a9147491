#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "probe/multi.h"
#include "probe/probe.h"
#include "probe/reason.h"
#include "probe/request.h"
#include "probe/resolver.h"
#include "probe/transfer.h"

namespace openseer::probe {

// One check of one target, from its start to its measurement: for every hop, look
// the name up, refuse what the egress policy refuses, exchange, follow a redirect;
// and all of it before the deadline. Owned by the Prober, which lets go of it once
// it is done; runs on the prober's executor.
class Check : public std::enable_shared_from_this<Check> {
 public:
  // What all checks of a prober share.
  struct Context {
    boost::asio::any_io_executor executor;
    const Options& options;
    Resolver& resolver;
    Multi& multi;
  };
  using Done = std::function<void(Check&, domain::Measurement)>;

  Check(const Context& context, const domain::MonitorSpec& spec, Done done);
  // Abandons what is under way.
  ~Check();
  Check(const Check&) = delete;
  Check& operator=(const Check&) = delete;

  // Never calls `done` from within.
  void start();

 private:
  void begin();
  void start_hop();
  void on_resolved(Resolver::Answer answer);
  void exchange(std::vector<boost::asio::ip::address> addresses);
  void on_exchanged(CURLcode code);
  void follow(const Exchange& hop);
  void on_deadline();

  void finish_unconnected(Explanation explanation);
  void finish(const Exchange& hop, Explanation explanation);
  void report(domain::Measurement measurement, Explanation explanation);

  Milliseconds time_left() const;

  const Context context_;
  const std::string url_;
  const Milliseconds timeout_;
  const int max_redirects_;
  const bool skip_tls_verification_;
  Done done_;
  boost::asio::steady_timer deadline_;
  Monotonic started_;
  Monotonic hop_started_;
  int redirects_ = 0;
  std::optional<Instant> certificate_expires_at_;
  Request request_;
  std::optional<Transfer> transfer_;  // of this hop, once its addresses are known
};

}  // namespace openseer::probe
