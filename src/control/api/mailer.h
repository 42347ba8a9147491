#pragma once

#include <atomic>
#include <optional>
#include <string>

#include <boost/asio/thread_pool.hpp>

#include "control/api/options.h"

namespace openseer::control {

namespace asio = boost::asio;

// Sends e-mails on a thread of its own, one after the other, each tried three
// times; what cannot be sent is logged, without its text. At most 200 wait: more
// are dropped, and logged. Owned by the API; destroyed, it gives up what waits.
class Mailer {
 public:
  explicit Mailer(std::optional<MailOptions> options) : options_(std::move(options)) {}
  ~Mailer();
  Mailer(const Mailer&) = delete;
  Mailer& operator=(const Mailer&) = delete;

  bool configured() const { return options_.has_value(); }
  // Returns at once. Does nothing unless configured.
  void send(std::string to, std::string subject, std::string text);

 private:
  void deliver(const http::Mail& mail) const;

  const std::optional<MailOptions> options_;
  std::atomic<int> waiting_{0};
  std::atomic<bool> stopping_{false};
  asio::thread_pool thread_{1};
};

}  // namespace openseer::control
