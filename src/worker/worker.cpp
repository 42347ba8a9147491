#include "worker/worker.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "base/log.h"
#include "pki/authority.h"
#include "probe/loops.h"
#include "worker/connector.h"
#include "worker/enrollment.h"
#include "worker/stall_watch.h"

namespace openseer::worker {
namespace {

std::string host_name() {
  char name[256] = "";
  return gethostname(name, sizeof name - 1) == 0 && *name != '\0' ? name : "worker";
}

probe::Options probe_options(const WorkerOptions& options) {
  probe::Options made;
  made.egress.allow_private = options.allow_private;
  if (!options.ca_file.empty()) made.ca_file = options.ca_file;
  made.cache_chains = !options.verify_every_chain;
  made.user_agent = "OpenSeer/" OPENSEER_VERSION;
  return made;
}

std::size_t loop_count(const WorkerOptions& options) {
  return options.loops > 0 ? static_cast<std::size_t>(options.loops) : std::thread::hardware_concurrency();
}

// A check holds a descriptor or two, and there may be thousands of them.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int give_up(const std::string& why) {
  log::error(why);
  return 1;
}

}  // namespace

class Worker::Impl {
 public:
  explicit Impl(WorkerOptions options) : options_(std::move(options)) {}

  int run();
  void stop();
  bool connected();

 private:
  Result<Identity> identity(const StateDirectory& state);
  int work(const StateDirectory& state, Identity identity);
  bool wait(Milliseconds duration);

  WorkerOptions options_;
  boost::asio::io_context loop_{1};
  std::mutex mutex_;
  std::condition_variable changed_;
  int stops_ = 0;
  Connector* connector_ = nullptr;  // while work() runs
};

int Worker::Impl::run() {
  if (stream_address(options_).empty())
    return give_up("the server's address must be an https URL with a host: " + options_.server);
  try {
    const StateDirectory state(options_.state_directory);
    Result<Identity> found = identity(state);
    if (!found) return found.error().code == Code::kCanceled ? 0 : give_up(found.error().message);
    return work(state, std::move(*found));
  } catch (const std::runtime_error& error) {
    return give_up(error.what());
  }
}

// From the state directory, or by enrolling.
Result<Identity> Worker::Impl::identity(const StateDirectory& state) {
  const std::optional<Identity> kept = state.load();
  const bool expired = kept && pki::not_after(kept->certificate_pem) < std::chrono::system_clock::now();
  if (kept && !expired) return *kept;
  if (options_.token.empty()) {
    return Refusal{
        Code::kFailedPrecondition,
        expired ? "this worker's certificate has expired: enrol again with a new token"
                : "this worker is not enrolled yet: it needs an enrolment token (openseer token create)",
        {}};
  }
  const auto token = parse_token(options_.token);
  if (!token) return Refusal{Code::kInvalidArgument, "the enrolment token is incomplete", {}};
  std::string server = options_.server;
  while (server.ends_with('/')) server.pop_back();
  Result<Identity> enrolled = enroll(server, *token, options_.name.empty() ? host_name() : options_.name,
                                     [this](Milliseconds duration) { return wait(duration); });
  if (!enrolled) return enrolled;
  state.save(*enrolled);
  log::info("enrolled", {{"worker", enrolled->worker_id}, {"server", server}});
  return enrolled;
}

int Worker::Impl::work(const StateDirectory& state, Identity identity) {
  raise_descriptor_limit();
  int exit_code = 0;
  RemoteClock server;
  Spool spool(options_.spool_limit);
  std::unique_ptr<Connector> connector;
  std::unique_ptr<probe::Loops> probers;
  StallWatch stalls(loop_.get_executor());
  Runner runner(
      static_cast<std::size_t>(options_.concurrency), server, std::chrono::steady_clock::now,
      [&probers](std::shared_ptr<const domain::MonitorSpec> spec, Runner::Done done) {
        probers->start(std::move(spec), std::move(done));
      },
      [&spool, &connector](domain::LeasedResult result) {
        spool.add(std::move(result));
        connector->poke();
      },
      [&stalls] { return stalls.so_far(); });
  probers =
      std::make_unique<probe::Loops>(loop_count(options_), loop_.get_executor(), probe_options(options_));
  connector = std::make_unique<Connector>(
      loop_.get_executor(), Connector::Options{stream_address(options_), OPENSEER_VERSION}, state,
      std::move(identity), runner, spool, server, [this, &exit_code](int code) {
        exit_code = code;
        loop_.stop();
      });
  {
    const std::lock_guard lock(mutex_);
    connector_ = connector.get();
    // Told to stop before there was anything to stop.
    if (stops_ > 0) boost::asio::post(loop_, [&connector] { connector->stop(); });
  }
  runner.on_report([&connector] { connector->poke(); });
  stalls.start();
  connector->start();
  loop_.run();
  const std::lock_guard lock(mutex_);
  connector_ = nullptr;
  return stops_ > 1 ? 1 : exit_code;
}

bool Worker::Impl::wait(Milliseconds duration) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, duration, [this] { return stops_ > 0; });
}

void Worker::Impl::stop() {
  const std::lock_guard lock(mutex_);
  ++stops_;
  changed_.notify_all();
  if (stops_ > 1)
    loop_.stop();
  else if (connector_ != nullptr)
    boost::asio::post(loop_, [this] {
      if (connector_ != nullptr) connector_->stop();
    });
}

bool Worker::Impl::connected() {
  const std::lock_guard lock(mutex_);
  return connector_ != nullptr && connector_->connected();
}

Worker::Worker(WorkerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Worker::~Worker() = default;

int Worker::run() { return impl_->run(); }
void Worker::stop() { impl_->stop(); }
bool Worker::connected() const { return impl_->connected(); }

std::string stream_address(const WorkerOptions& options) {
  const auto url = boost::urls::parse_uri(options.server);
  if (!url || url->scheme_id() != boost::urls::scheme::https || url->host().empty()) return {};
  if (!options.stream_address.empty()) return options.stream_address;
  return url->host() + ":8081";  // host() keeps the brackets of an IPv6 address
}

}  // namespace openseer::worker
