#include <unordered_map>

#include <boost/asio/execution/context.hpp>
#include <boost/asio/query.hpp>

#include "probe/check/run.h"
#include "probe/probe.h"

namespace openseer::probe {

class Prober::Impl {
 public:
  Impl(boost::asio::io_context& context, Options options)
      : options_(std::move(options)), loop_(context, options_) {
    if (options_.user_agent.empty()) options_.user_agent = "OpenSeer/" OPENSEER_VERSION;
  }

  void start(std::shared_ptr<const domain::MonitorSpec> spec, Callback done) {
    if (spec->url.starts_with("https:")) {
      loop_.contexts.prepare(spec->tls, std::chrono::steady_clock::now());
    }
    const auto run = std::make_shared<Run>(loop_, std::move(spec),
                                           [this, done = std::move(done)](Run& ended, auto measurement) {
                                             runs_.erase(&ended);
                                             done(std::move(measurement));
                                           });
    runs_.emplace(run.get(), run);
    run->start();
  }

  std::size_t in_flight() const { return runs_.size(); }

 private:
  Options options_;
  Loop loop_;
  std::unordered_map<const Run*, std::shared_ptr<Run>> runs_;  // they go before what they use
};

Prober::Prober(boost::asio::any_io_executor executor, Options options) {
  auto& context = boost::asio::query(executor, boost::asio::execution::context);
  impl_ = std::make_unique<Impl>(static_cast<boost::asio::io_context&>(context), std::move(options));
}

Prober::~Prober() = default;

void Prober::start(const domain::MonitorSpec& spec, Callback done) {
  impl_->start(std::make_shared<const domain::MonitorSpec>(spec), std::move(done));
}

void Prober::start(std::shared_ptr<const domain::MonitorSpec> spec, Callback done) {
  impl_->start(std::move(spec), std::move(done));
}

std::size_t Prober::in_flight() const { return impl_->in_flight(); }

}  // namespace openseer::probe
