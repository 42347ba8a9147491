#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"

namespace openseer::test {

// An e-mail as it arrived.
struct ReceivedMail {
  std::string from;  // of the envelope
  std::string to;
  std::string user;     // who had signed in; empty: nobody
  bool tls = false;     // it came over TLS
  std::string message;  // header and body, as sent

  std::string text() const;  // the body, decoded
};

// A mail server (RFC 5321) on a free port of loopback, with a thread of its own.
class MailServer {
 public:
  struct Options {
    // PEM; with them STARTTLS is offered, or all is TLS.
    std::string certificate_pem;
    std::string private_key_pem;
    bool implicit_tls = false;
    // Whom it wants to sign in (AUTH PLAIN); empty: nobody.
    std::string user;
    std::string password;
    int refuse_first = 0;  // this many e-mails are refused for now (451)
  };

  MailServer() : MailServer(Options{}) {}
  explicit MailServer(Options options);
  ~MailServer();
  MailServer(const MailServer&) = delete;
  MailServer& operator=(const MailServer&) = delete;

  std::uint16_t port() const { return port_; }
  // The next one; nothing when none comes in time.
  std::optional<ReceivedMail> wait(Seconds limit = Seconds{10});
  int refused() const;

 private:
  struct Native;
  void serve();
  template <class Stream>
  void converse(Stream& stream, bool tls);
  void keep(ReceivedMail mail);

  Options options_;
  std::unique_ptr<Native> native_;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<ReceivedMail> mails_;
  int refused_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace openseer::test
