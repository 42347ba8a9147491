// Workers that answer every job at once, over the real enrolment, the real
// stream and mutual TLS: what is left is the price of lease, commit and result.
//
// usage: bench_synthetic_workers --server URL --stream HOST:PORT --token TOKEN
//          [--workers N] [--capacity N] [--seconds N] [--results N] [--fail-every N]
//
// Ends after `seconds`, or once `results` are accepted. Prints one JSON object a
// second: seconds since the start, results accepted and refused so far.
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/log.h"
#include "base/remote_clock.h"
#include "wire/time.h"
#include "worker/enrollment.h"
#include "worker/session.h"

namespace openseer {
namespace {

using std::chrono::steady_clock;

struct Totals {
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
  std::uint64_t jobs = 0;
  std::size_t connected = 0;
};

struct Settings {
  std::string server, stream, token;
  std::size_t workers = 4;
  std::size_t capacity = 2000;
  std::int64_t seconds = 30;
  std::uint64_t results = 0;
  std::uint64_t fail_every = 0;
};

class SyntheticWorker {
 public:
  SyntheticWorker(boost::asio::io_context& loop, const Settings& settings, worker::Identity identity,
                  Totals& totals)
      : loop_(loop),
        settings_(settings),
        identity_(std::move(identity)),
        totals_(totals),
        asked_(steady_clock::now()) {
    worker::Session::Handlers handlers;
    handlers.message = [this](v1::ConnectResponse message) { on_message(message); };
    handlers.ended = [this](worker::Ending, const std::string& reason) {
      std::cerr << "stream of worker " << identity_.worker_id << " ended: " << reason << '\n';
      loop_.stop();
    };
    session_ = std::make_unique<worker::Session>(loop.get_executor(), settings.stream, identity_,
                                                 std::move(handlers));
    v1::ConnectRequest hello;
    hello.mutable_register_()->set_version("bench");
    session_->send(std::move(hello));
  }

  void ping() {
    asked_ = steady_clock::now();
    v1::ConnectRequest message;
    message.mutable_ping()->set_nonce(++nonce_);
    session_->send(std::move(message));
  }

 private:
  void on_message(const v1::ConnectResponse& message) {
    switch (message.message_case()) {
      case v1::ConnectResponse::kRegistered:
        clock_.observe(*wire::from_proto(message.registered().server_time()), asked_, steady_clock::now());
        ++totals_.connected;
        ask();
        return;
      case v1::ConnectResponse::kPong:
        clock_.observe(*wire::from_proto(message.pong().server_time()), asked_, steady_clock::now());
        return;
      case v1::ConnectResponse::kJobs:
        answer(message.jobs());
        return;
      case v1::ConnectResponse::kAcks:
        for (const int acceptance : message.acks().acceptances())
          ++(acceptance == v1::ACCEPTANCE_ACCEPTED ? totals_.accepted : totals_.refused);
        under_way_ -= static_cast<std::size_t>(message.acks().acceptances_size());
        ask();
        return;
      default:
        return;
    }
  }

  // Results that nobody has acknowledged take the place of jobs, as in a real worker.
  void ask() {
    const std::size_t free = settings_.capacity - std::min(settings_.capacity, under_way_);
    v1::ConnectRequest message;
    message.mutable_job_request()->set_capacity(static_cast<std::uint32_t>(free));
    message.mutable_job_request()->set_received(received_);
    session_->send(std::move(message));
  }

  void answer(const v1::JobBatch& batch) {
    const auto count = static_cast<std::size_t>(batch.jobs_size());
    received_ += count;
    totals_.jobs += count;
    under_way_ += count;
    const Instant now = clock_.at(steady_clock::now());
    v1::ConnectRequest message;
    v1::ResultBatch& results = *message.mutable_results();
    results.set_batch(++batch_);
    for (const v1::Job& job : batch.jobs()) {
      v1::JobResult& one = *results.add_results();
      *one.mutable_lease() = job.lease();
      fill(*one.mutable_result(), std::max(now, *wire::from_proto(job.lease().slot())));
    }
    session_->send(std::move(message));
  }

  void fill(v1::Result& result, Instant started) {
    const bool fails = settings_.fail_every != 0 && ++made_ % settings_.fail_every == 0;
    *result.mutable_started_at() = wire::to_proto(started);
    result.set_outcome(fails ? v1::OUTCOME_FAILED : v1::OUTCOME_OK);
    result.set_reason(fails ? v1::REASON_STATUS : v1::REASON_UNSPECIFIED);
    if (fails) result.set_message("expected 200-299, got 503");
    result.set_http_status(fails ? 503 : 200);
    result.set_http_version(v1::HTTP_VERSION_1_1);
    v1::Phases& phases = *result.mutable_phases();
    *phases.mutable_dns() = wire::to_proto(Microseconds{150});
    *phases.mutable_connect() = wire::to_proto(Microseconds{9'000});
    *phases.mutable_tls() = wire::to_proto(Microseconds{21'000});
    *phases.mutable_wait() = wire::to_proto(Microseconds{40'000});
    *phases.mutable_download() = wire::to_proto(Microseconds{300});
    *phases.mutable_total() = wire::to_proto(Microseconds{70'450});
    result.set_remote_address("203.0.113.7");
    result.set_body_bytes(5'120);
    *result.mutable_certificate_expires_at() = wire::to_proto(started + std::chrono::hours{24 * 40});
  }

  boost::asio::io_context& loop_;
  const Settings& settings_;
  worker::Identity identity_;
  Totals& totals_;
  Monotonic asked_;
  RemoteClock clock_;
  std::unique_ptr<worker::Session> session_;
  std::int64_t nonce_ = 0;
  std::int64_t batch_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t made_ = 0;
  std::size_t under_way_ = 0;
};

Settings read(int argc, char** argv) {
  Settings s;
  std::map<std::string, std::string> given;
  for (int i = 1; i + 1 < argc; i += 2) given[argv[i]] = argv[i + 1];
  const auto number = [&given](const char* name, auto& into) {
    if (given.contains(name))
      into = static_cast<std::remove_reference_t<decltype(into)>>(std::stoll(given[name]));
  };
  s.server = given["--server"];
  s.stream = given["--stream"];
  s.token = given["--token"];
  number("--workers", s.workers);
  number("--capacity", s.capacity);
  number("--seconds", s.seconds);
  number("--results", s.results);
  number("--fail-every", s.fail_every);
  if (argc % 2 == 0 || s.server.empty() || s.stream.empty() || s.token.empty()) {
    std::cerr << "usage: bench_synthetic_workers --server URL --stream HOST:PORT --token TOKEN [--workers N] "
                 "[--capacity N] [--seconds N] [--results N] [--fail-every N]\n";
    std::exit(2);
  }
  return s;
}

int run(const Settings& settings) {
  boost::asio::io_context loop(1);
  Totals totals;
  std::vector<std::unique_ptr<SyntheticWorker>> workers;
  for (std::size_t i = 0; i < settings.workers; ++i) {
    Result<worker::Identity> identity = worker::enroll(settings.server, *worker::parse_token(settings.token),
                                                       "bench-" + std::to_string(i), [](Milliseconds pause) {
                                                         std::this_thread::sleep_for(pause);
                                                         return true;
                                                       });
    if (!identity) {
      std::cerr << identity.error().message << '\n';
      return 1;
    }
    workers.push_back(std::make_unique<SyntheticWorker>(loop, settings, std::move(*identity), totals));
  }
  const Monotonic began = steady_clock::now();
  boost::asio::steady_timer timer(loop);
  std::function<void()> tick = [&] {
    timer.expires_after(Seconds{1});
    timer.async_wait([&](const boost::system::error_code& error) {
      if (error) return;
      const std::chrono::duration<double> passed = steady_clock::now() - began;
      std::cout << "{\"seconds\": " << passed.count() << ", \"connected\": " << totals.connected
                << ", \"jobs\": " << totals.jobs << ", \"accepted\": " << totals.accepted
                << ", \"refused\": " << totals.refused << "}" << std::endl;
      const bool enough = settings.results != 0 && totals.accepted >= settings.results;
      if (enough || passed.count() >= static_cast<double>(settings.seconds)) {
        loop.stop();
        return;
      }
      if (static_cast<int>(passed.count()) % 10 == 0)
        for (const auto& worker : workers) worker->ping();
      tick();
    });
  };
  tick();
  loop.run();
  std::cout.flush();
  std::_Exit(0);  // streams are cut, which is what the control plane has to bear anyway
}

}  // namespace
}  // namespace openseer

int main(int argc, char** argv) {
  openseer::log::configure(openseer::log::Level::kWarning, openseer::log::Format::kText, "bench");
  return openseer::run(openseer::read(argc, argv));
}
