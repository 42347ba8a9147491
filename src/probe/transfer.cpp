#include "probe/transfer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <stdexcept>

#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>

#include "probe/egress.h"

namespace openseer::probe {
namespace {

using boost::asio::ip::address;
using domain::Header;
using domain::HttpVersion;

constexpr long kReadBuffer = 16 * 1024;
constexpr long kAuthoritiesCached = 60 * 60;  // seconds

HttpVersion version_of(long version) {
  switch (version) {
    case CURL_HTTP_VERSION_1_0:
      return HttpVersion::k1_0;
    case CURL_HTTP_VERSION_1_1:
      return HttpVersion::k1_1;
    case CURL_HTTP_VERSION_2_0:
      return HttpVersion::k2;
    default:
      return HttpVersion::kNone;
  }
}

address address_of(const curl_sockaddr& to) {
  boost::asio::ip::tcp::endpoint endpoint;
  std::memcpy(endpoint.data(), &to.addr, std::min<std::size_t>(to.addrlen, endpoint.capacity()));
  return endpoint.address();
}

std::string bracketed(const address& a) { return a.is_v6() ? "[" + a.to_string() + "]" : a.to_string(); }

}  // namespace

Transfer::Transfer(const Options& options, const Request& request, Plan plan)
    : options_(options),
      request_(request),
      plan_(std::move(plan)),
      curl_started_(std::chrono::steady_clock::now()),
      names_(curl_share_init()),
      easy_(curl_easy_init()) {
  if (names_ == nullptr || easy_ == nullptr) throw std::bad_alloc();
  set_connection();
  set_addresses();
  set_tls();
  set_request();
  set_headers();
  set_answer();
}

// A refused option means a libcurl built without what this program needs.
template <class T>
void Transfer::set(CURLoption option, T value) {
  const CURLcode code = curl_easy_setopt(easy_.get(), option, value);
  if (code == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
  if (code != CURLE_OK) {
    throw std::runtime_error("libcurl refused option " + std::to_string(option) + ": " +
                             curl_easy_strerror(code));
  }
}

void Transfer::append(List& list, const std::string& line) {
  curl_slist* const longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  static_cast<void>(list.release());
  list.reset(longer);
}

void Transfer::set_connection() {
  set(CURLOPT_URL, request_.target.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);  // Check follows, so that every hop is judged and measured by itself
  set(CURLOPT_PROXY, "");           // not from the environment either
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);
  set(CURLOPT_FRESH_CONNECT, 1L);
  set(CURLOPT_FORBID_REUSE, 1L);
  set(CURLOPT_TCP_NODELAY, 1L);
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  set(CURLOPT_TIMEOUT_MS, std::max(1L, static_cast<long>(plan_.time_left.count())));
  set(CURLOPT_BUFFERSIZE, kReadBuffer);
  set(CURLOPT_ERRORBUFFER, error_text_);
  set(CURLOPT_OPENSOCKETDATA, this);
  set(
      CURLOPT_OPENSOCKETFUNCTION, +[](void* self, curlsocktype, curl_sockaddr* to) {
        return static_cast<Transfer*>(self)->open_socket(*to);
      });
}

// The addresses go in through a name cache of this transfer's own: the multi
// handle's would keep them, and share them with other checks.
void Transfer::set_addresses() {
  curl_share_setopt(names_.get(), CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
  set(CURLOPT_SHARE, names_.get());
  set(CURLOPT_DNS_CACHE_TIMEOUT, 0L);
  if (request_.target.numeric) return;
  std::string line = request_.target.host + ":" + std::to_string(request_.target.port) + ":";
  for (std::size_t i = 0; i < plan_.addresses.size(); ++i) {
    line += (i > 0 ? "," : "") + bracketed(plan_.addresses[i]);
  }
  append(resolve_, line);
  set(CURLOPT_RESOLVE, resolve_.get());
}

void Transfer::set_tls() {
  const bool verify = !plan_.skip_tls_verification;
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_SSL_SESSIONID_CACHE, 0L);
  set(CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
  set(CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
  // libcurl keeps the parsed authorities between transfers only when they come
  // from one file; parsing them costs more than the rest of a check.
  set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
  set(CURLOPT_CAINFO, verify ? options_.ca_file.c_str() : nullptr);
  set(CURLOPT_CA_CACHE_TIMEOUT, kAuthoritiesCached);
  set(CURLOPT_SSL_CTX_DATA, this);
  set(
      CURLOPT_SSL_CTX_FUNCTION, +[](CURL*, void* context, void* self) {
        static_cast<Transfer*>(self)->on_handshake(context);
        return CURLE_OK;
      });
}

void Transfer::set_request() {
  const std::string& method = request_.method;
  const bool sends_length = method == "POST" || method == "PUT" || method == "PATCH";
  if (method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
  } else if (sends_length || !request_.body.empty()) {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDS, request_.body.data());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
  } else {
    set(CURLOPT_HTTPGET, 1L);
  }
  if (method != "GET" && method != "HEAD" && method != "POST") {
    set(CURLOPT_CUSTOMREQUEST, method.c_str());
  }
}

void Transfer::set_headers() {
  const std::string agent =
      options_.user_agent.empty() ? std::string("OpenSeer/" OPENSEER_VERSION) : options_.user_agent;
  set(CURLOPT_USERAGENT, agent.c_str());  // a header of the monitor's own takes its place
  for (const Header& header : request_.headers) {
    // "Name;" is how libcurl sends a header without a value; "Name:" would remove it.
    const bool blank = header.value.find_first_not_of(" \t") == std::string::npos;
    append(headers_, blank ? header.name + ";" : header.name + ": " + header.value);
  }
  append(headers_, "Expect:");
  if (!has_header(request_.headers, "content-type")) append(headers_, "Content-Type:");
  set(CURLOPT_HTTPHEADER, headers_.get());
  set(CURLOPT_ACCEPT_ENCODING, "");
}

void Transfer::set_answer() {
  set(CURLOPT_HEADERDATA, this);
  set(
      CURLOPT_HEADERFUNCTION, +[](char* data, std::size_t size, std::size_t count, void* self) {
        const std::string_view line(data, size * count);
        return static_cast<Transfer*>(self)->on_header(line) ? line.size() : 0;
      });
  set(CURLOPT_WRITEDATA, this);
  set(
      CURLOPT_WRITEFUNCTION, +[](char*, std::size_t size, std::size_t count, void* self) {
        return static_cast<Transfer*>(self)->on_body(size * count) ? size * count : 0;
      });
}

// The last door: whatever was resolved, this is the address about to be used.
curl_socket_t Transfer::open_socket(const curl_sockaddr& to) {
  if (!connecting_) {
    connecting_ = true;
    curl_started_ = std::chrono::steady_clock::now() - elapsed(CURLINFO_NAMELOOKUP_TIME_T);
  }
  const address target = address_of(to);
  attempted_ = target;
  if (!may_connect(options_.egress, target)) {
    denied_ = target;
    return CURL_SOCKET_BAD;
  }
  const int fd = socket(to.family, to.socktype | SOCK_CLOEXEC, to.protocol);
  if (fd < 0) socket_error_ = errno;
  return fd;
}

void Transfer::on_handshake(void* ssl_ctx) {
  handshake_started_ = std::chrono::steady_clock::now();
  report_certificate(ssl_ctx, certificate_);
}

bool Transfer::on_header(std::string_view line) {
  if (!first_byte_) first_byte_ = std::chrono::steady_clock::now();
  header_bytes_ += line.size();
  if (header_bytes_ > options_.limits.header_bytes) {
    stop_ = Stop::kHeaderLimit;
    return false;
  }
  const bool last = line == "\r\n" || line == "\n";
  const bool final_answer = status() >= 200;  // not an interim one
  if (last && final_answer) headers_complete_ = true;
  if (last && plan_.follow_redirects && redirects()) {
    stop_ = Stop::kRedirect;
    return false;
  }
  return true;
}

bool Transfer::on_body(std::size_t bytes) {
  body_bytes_ += bytes;
  if (body_bytes_ <= options_.limits.body_bytes) return true;
  body_bytes_ = options_.limits.body_bytes;
  stop_ = Stop::kBodyLimit;
  return false;
}

bool Transfer::redirects() const { return is_redirect(status()) && !location().empty(); }

int Transfer::status() const {
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  return static_cast<int>(status);
}

std::string Transfer::location() const {
  curl_header* found = nullptr;
  const CURLHcode code = curl_easy_header(easy_.get(), "Location", 0, CURLH_HEADER, -1, &found);
  return code == CURLHE_OK ? std::string(found->value) : std::string();
}

Microseconds Transfer::elapsed(CURLINFO milestone) const {
  curl_off_t value = 0;
  curl_easy_getinfo(easy_.get(), milestone, &value);
  return Microseconds{std::max<curl_off_t>(value, 0)};
}

Marks Transfer::marks(Monotonic now) const {
  using std::chrono::duration_cast;
  Marks marks;
  marks.tls = request_.target.tls();
  marks.looked_up = !request_.target.numeric;
  marks.connecting = true;
  marks.ended = std::max(duration_cast<Microseconds>(now - plan_.hop_started), Microseconds{1});
  const Microseconds offset = duration_cast<Microseconds>(curl_started_ - plan_.hop_started);
  const auto mark = [&](CURLINFO milestone) {
    const Microseconds value = elapsed(milestone);
    return value == Microseconds{} ? value : std::min(offset + value, marks.ended);
  };
  marks.resolved = std::min(offset + elapsed(CURLINFO_NAMELOOKUP_TIME_T), marks.ended);
  marks.connected = mark(CURLINFO_CONNECT_TIME_T);
  // libcurl tells when TCP was connected only once TLS is, too.
  if (marks.connected == Microseconds{} && handshake_started_) {
    marks.connected = duration_cast<Microseconds>(*handshake_started_ - plan_.hop_started);
  }
  marks.secured = mark(CURLINFO_APPCONNECT_TIME_T);
  marks.requested = mark(CURLINFO_PRETRANSFER_TIME_T);
  // Not libcurl's STARTTRANSFER_TIME, which over HTTP/2 is when a body was sent.
  if (first_byte_) marks.first_byte = duration_cast<Microseconds>(*first_byte_ - plan_.hop_started);
  return marks;
}

Exchange Transfer::exchange(CURLcode code, Monotonic now) const {
  Exchange result;
  result.code = code;
  result.stop = stop_;
  result.error_text = error_text_;
  result.status = status();
  long version = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_HTTP_VERSION, &version);
  if (result.status != 0) result.version = version_of(version);
  long system_error = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &system_error);
  result.system_error = socket_error_ != 0 ? socket_error_ : static_cast<int>(system_error);
  if (stop_ == Stop::kRedirect) result.location = location();
  result.headers_complete = headers_complete_;
  result.body_bytes = body_bytes_;
  const char* used = nullptr;
  curl_easy_getinfo(easy_.get(), CURLINFO_PRIMARY_IP, &used);
  if (used != nullptr && *used != '\0') {
    result.remote_address = used;
  } else if (attempted_) {
    result.remote_address = attempted_->to_string();
  }
  result.denied = denied_;
  result.certificate = certificate_;
  result.marks = marks(now);
  return result;
}

}  // namespace openseer::probe
