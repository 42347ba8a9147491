#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/ip/address.hpp>
#include <curl/curl.h>

#include "probe/certificate.h"
#include "probe/probe.h"
#include "probe/request.h"
#include "probe/timing.h"

namespace openseer::probe {

// Why a transfer was ended from here.
enum class Stop { kNone, kRedirect, kHeaderLimit, kBodyLimit };

// What one hop came to, in libcurl's terms.
struct Exchange {
  CURLcode code = CURLE_OK;
  Stop stop = Stop::kNone;
  std::string error_text;  // libcurl's own words
  int system_error = 0;    // errno of the last failed connect or socket call
  int status = 0;
  domain::HttpVersion version = domain::HttpVersion::kNone;
  std::string location;
  bool headers_complete = false;  // of the final answer
  std::uint64_t body_bytes = 0;
  std::string remote_address;
  std::optional<boost::asio::ip::address> denied;  // an address the policy refused at the last moment
  CertificateReport certificate;
  Marks marks;
};

// One hop: a libcurl easy handle that is set up for a request and counts what
// comes back. Owned by its Check; lives on the prober's executor.
class Transfer {
 public:
  struct Plan {
    std::vector<boost::asio::ip::address> addresses;  // of the target, best first
    Milliseconds time_left{};
    Monotonic hop_started;
    bool follow_redirects = false;  // end the transfer at a redirect's headers
    bool skip_tls_verification = false;
  };

  // `options` and `request` must outlive it.
  Transfer(const Options& options, const Request& request, Plan plan);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  CURL* handle() const { return easy_.get(); }

  // What has happened so far, at `now`; `code` is how it ended.
  Exchange exchange(CURLcode code, Monotonic now) const;

 private:
  struct EasyDelete {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  };
  struct ListDelete {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };
  struct ShareDelete {
    void operator()(CURLSH* share) const { curl_share_cleanup(share); }
  };
  using List = std::unique_ptr<curl_slist, ListDelete>;

  template <class T>
  void set(CURLoption option, T value);
  static void append(List& list, const std::string& line);

  void set_connection();
  void set_addresses();
  void set_tls();
  void set_request();
  void set_headers();
  void set_answer();

  curl_socket_t open_socket(const curl_sockaddr& to);
  void on_handshake(void* ssl_ctx);
  bool on_header(std::string_view line);
  bool on_body(std::size_t bytes);
  bool redirects() const;
  int status() const;
  std::string location() const;
  Marks marks(Monotonic now) const;
  Microseconds elapsed(CURLINFO milestone) const;

  const Options& options_;
  const Request& request_;
  const Plan plan_;
  Monotonic curl_started_;  // what libcurl's own times count from
  bool connecting_ = false;
  std::optional<Monotonic> handshake_started_;
  std::optional<Monotonic> first_byte_;
  Stop stop_ = Stop::kNone;
  std::size_t header_bytes_ = 0;
  bool headers_complete_ = false;
  std::uint64_t body_bytes_ = 0;
  int socket_error_ = 0;
  std::optional<boost::asio::ip::address> attempted_;
  std::optional<boost::asio::ip::address> denied_;
  CertificateReport certificate_;
  char error_text_[CURL_ERROR_SIZE] = {};

  // The handle goes before what it refers to.
  List headers_;
  List resolve_;
  std::unique_ptr<CURLSH, ShareDelete> names_;
  std::unique_ptr<CURL, EasyDelete> easy_;
};

}  // namespace openseer::probe
