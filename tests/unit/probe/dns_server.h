#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

// A name server of the test's own: UDP on a free port of 127.0.0.1, one thread.
namespace openseer::probe::test {

class DnsServer {
 public:
  enum class Kind { kAnswer, kNotFound, kServerFailure, kRefused, kSilent, kGarbage };

  // What is said to a question. With no addresses, kAnswer says that there are none.
  struct Say {
    Kind kind = Kind::kAnswer;
    std::vector<std::string> addresses;  // numeric, of the family asked for
    unsigned ttl = 60;                   // of the addresses, or of what is missing
  };
  // `type` is "A" or "AAAA". Runs on the server's thread.
  using Script = std::function<Say(const std::string& name, const std::string& type)>;

  explicit DnsServer(Script script);
  ~DnsServer();
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;

  // "127.0.0.1:<port>"
  std::string address() const;
  // "A name", in the order they came.
  std::vector<std::string> questions() const;

 private:
  void serve();
  std::string reply(const std::string& query, const Say& say, bool ipv6) const;

  Script script_;
  int fd_;
  int port_ = 0;
  std::atomic<bool> over_{false};
  mutable std::mutex mutex_;
  std::vector<std::string> questions_;
  std::thread thread_;
};

}  // namespace openseer::probe::test
