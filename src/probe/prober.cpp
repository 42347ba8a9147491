#include <stdexcept>
#include <string_view>
#include <unordered_map>

#include <curl/curl.h>

#include "probe/check.h"
#include "probe/multi.h"
#include "probe/probe.h"
#include "probe/resolver.h"

namespace openseer::probe {
namespace {

// Once in a process, before any other use of libcurl.
void initialise_libcurl() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (code != CURLE_OK) throw std::runtime_error(std::string("libcurl: ") + curl_easy_strerror(code));
  // The certificate report talks to the TLS library behind libcurl.
  const char* const tls = curl_version_info(CURLVERSION_NOW)->ssl_version;
  if (tls == nullptr || !std::string_view(tls).starts_with("OpenSSL/")) {
    throw std::runtime_error("this libcurl is not built with OpenSSL");
  }
}

}  // namespace

class Prober::Impl {
 public:
  Impl(boost::asio::any_io_executor executor, Options options)
      : executor_(std::move(executor)),
        options_(std::move(options)),
        resolver_(executor_),
        multi_(executor_) {}

  void start(const domain::MonitorSpec& spec, Callback done) {
    const Check::Context context{executor_, options_, resolver_, multi_};
    const auto check = std::make_shared<Check>(
        context, spec, [this, done = std::move(done)](Check& ended, auto measurement) {
          checks_.erase(&ended);
          done(std::move(measurement));
        });
    checks_.emplace(check.get(), check);
    check->start();
  }

  std::size_t in_flight() const { return checks_.size(); }

 private:
  boost::asio::any_io_executor executor_;
  const Options options_;
  Resolver resolver_;
  Multi multi_;
  std::unordered_map<const Check*, std::shared_ptr<Check>> checks_;  // they go before what they use
};

Prober::Prober(boost::asio::any_io_executor executor, Options options) {
  initialise_libcurl();
  impl_ = std::make_unique<Impl>(std::move(executor), std::move(options));
}

Prober::~Prober() = default;

void Prober::start(const domain::MonitorSpec& spec, Callback done) { impl_->start(spec, std::move(done)); }

std::size_t Prober::in_flight() const { return impl_->in_flight(); }

}  // namespace openseer::probe
