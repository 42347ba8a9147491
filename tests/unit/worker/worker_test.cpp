// The whole worker against a control plane that follows a script, over real
// TLS, HTTP and gRPC, with real checks of a server on loopback.
#include "worker/worker.h"

#include <filesystem>
#include <future>
#include <thread>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include "http/server.h"
#include "pki/authority.h"
#include "unit/worker/scripted_control_plane.h"

namespace openseer::worker {
namespace {

namespace fs = std::filesystem;
using Request = v1::ConnectRequest;

// What workers check: answers 204, and /slow only when the test says so.
class Target {
 public:
  Target() {
    port_ = server_.listen("127.0.0.1", 0);
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~Target() {
    loop_.stop();
    thread_.join();
  }
  std::string url(const std::string& path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  void await_slow() { asked_.get_future().wait(); }
  void release_slow() {
    boost::asio::post(loop_, [this] { gate_.cancel(); });
  }

 private:
  boost::asio::awaitable<http::Response> answer(http::Exchange& exchange) {
    if (exchange.request.path == "/slow") {
      asked_.set_value();
      boost::system::error_code ignored;
      co_await gate_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    }
    http::Response response;
    response.status = 204;
    co_return response;
  }

  boost::asio::io_context loop_;
  boost::asio::steady_timer gate_{loop_, boost::asio::steady_timer::time_point::max()};
  std::promise<void> asked_;
  http::Server server_{loop_.get_executor(), [this](http::Exchange& exchange) { return answer(exchange); }};
  std::uint16_t port_ = 0;
  std::thread thread_;
};

class LiveWorker : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "openseer-worker-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory = pattern;
  }
  void TearDown() override { fs::remove_all(directory); }

  WorkerOptions options(const ScriptedControlPlane& control_plane) const {
    WorkerOptions made;
    made.server = control_plane.server_url();
    made.stream_address = control_plane.stream_address();
    made.token = control_plane.token();
    made.state_directory = directory;
    made.concurrency = 3;
    made.allow_private = true;
    return made;
  }
  // Runs a worker until the script is done, then stops it; its exit code.
  int run(const WorkerOptions& with) {
    Worker worker(with);
    auto exit_code = std::async(std::launch::async, [&] { return worker.run(); });
    if (scripted.get_future().wait_for(Seconds{20}) != std::future_status::ready)
      ADD_FAILURE() << "the script was not played to its end";
    worker.stop();
    return exit_code.get();
  }
  void done() { scripted.set_value(); }

  fs::path directory;
  Target target;
  std::promise<void> scripted;
};

TEST_F(LiveWorker, EnrolsRunsAJobAndReportsItsResult) {
  std::optional<Request> asked, results;
  ScriptedControlPlane control_plane([&](ScriptedStream& stream) {
    stream.register_worker();
    asked = stream.next(Request::kJobRequest);
    stream.send_job(1, target.url());
    results = stream.next(Request::kResults);
    stream.acknowledge(*results);
    done();
    stream.next(Request::kResults);  // until the worker has no more to say
    return grpc::Status::OK;
  });
  EXPECT_EQ(run(options(control_plane)), 0);
  ASSERT_TRUE(asked && results);
  EXPECT_EQ(asked->job_request().capacity(), 3U);
  ASSERT_EQ(results->results().results_size(), 1);
  const v1::JobResult& result = results->results().results(0);
  EXPECT_EQ(result.lease().job_id(), 1);
  EXPECT_EQ(result.result().outcome(), v1::OUTCOME_OK);
  EXPECT_EQ(result.result().http_status(), 204U);
  EXPECT_GT(result.result().phases().total().nanos(), 0);
}

TEST_F(LiveWorker, ComesBackWithoutATokenAfterARestart) {
  int registered = 0;
  ScriptedControlPlane control_plane([&](ScriptedStream& stream) {
    stream.register_worker();
    ++registered;
    done();
    stream.next(Request::kResults);
    return grpc::Status::OK;
  });
  EXPECT_EQ(run(options(control_plane)), 0);
  scripted = {};
  WorkerOptions again = options(control_plane);
  again.token.clear();
  EXPECT_EQ(run(again), 0);
  EXPECT_EQ(registered, 2);
}

TEST_F(LiveWorker, SendsAResultAgainWhenTheStreamBreaksBeforeTheAck) {
  std::optional<Request> first, again;
  ScriptedControlPlane control_plane([&](ScriptedStream& stream) {
    stream.register_worker();
    if (stream.number == 1) {
      stream.next(Request::kJobRequest);
      stream.send_job(1, target.url());
      first = stream.next(Request::kResults);
      return grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone between commit and ack");
    }
    again = stream.next(Request::kResults);
    stream.acknowledge(*again);
    done();
    stream.next(Request::kResults);
    return grpc::Status::OK;
  });
  EXPECT_EQ(run(options(control_plane)), 0);
  ASSERT_TRUE(first && again);
  EXPECT_EQ(first->results().results(0).SerializeAsString(), again->results().results(0).SerializeAsString());
}

TEST_F(LiveWorker, StoppingLetsARunningCheckEndAndItsResultBeAcknowledged) {
  bool acknowledged = false;
  ScriptedControlPlane control_plane([&](ScriptedStream& stream) {
    stream.register_worker();
    stream.next(Request::kJobRequest);
    stream.send_job(1, target.url("/slow"));
    target.await_slow();
    done();
    // The worker that stops takes its demand back first.
    while (stream.next(Request::kJobRequest)->job_request().capacity() != 0) {
    }
    target.release_slow();
    const auto results = stream.next(Request::kResults);
    stream.acknowledge(*results);
    acknowledged = true;
    stream.next(Request::kResults);
    return grpc::Status::OK;
  });
  EXPECT_EQ(run(options(control_plane)), 0);
  EXPECT_TRUE(acknowledged);
}

TEST_F(LiveWorker, ASecondStopIsImmediate) {
  ScriptedControlPlane control_plane([&](ScriptedStream& stream) {
    stream.register_worker();
    stream.next(Request::kJobRequest);
    stream.send_job(1, target.url("/slow"), Seconds{60});
    target.await_slow();
    done();
    stream.next(Request::kCertificateRequest);
    return grpc::Status::OK;
  });
  Worker worker(options(control_plane));
  auto exit_code = std::async(std::launch::async, [&] { return worker.run(); });
  ASSERT_EQ(scripted.get_future().wait_for(Seconds{20}), std::future_status::ready);
  worker.stop();
  worker.stop();
  ASSERT_EQ(exit_code.wait_for(Seconds{8}), std::future_status::ready);
  EXPECT_EQ(exit_code.get(), 1);
  target.release_slow();
}

TEST_F(LiveWorker, ToldToLeaveItConnectsElsewhere) {
  ScriptedControlPlane control_plane([&](ScriptedStream& stream) {
    stream.register_worker();
    stream.next(Request::kJobRequest);
    if (stream.number == 1) {
      v1::ConnectResponse drain;
      drain.mutable_drain();
      stream.send(drain);
      EXPECT_EQ(stream.next(Request::kResults), std::nullopt);  // the worker half-closes
      return grpc::Status::OK;
    }
    done();
    stream.next(Request::kResults);
    return grpc::Status::OK;
  });
  EXPECT_EQ(run(options(control_plane)), 0);
}

TEST_F(LiveWorker, ARevokedWorkerGivesUp) {
  ScriptedControlPlane control_plane([](ScriptedStream& stream) {
    stream.next(Request::kRegister);
    return grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "this worker has been revoked");
  });
  Worker worker(options(control_plane));
  EXPECT_EQ(worker.run(), 1);
}

// The control plane cuts a stream when the certificate it was opened with expires: the
// worker opens another one long before, and a check that runs meanwhile is reported once.
TEST_F(LiveWorker, RenewsAnOldCertificateWithANewKeyAndConnectsAgainWithIt) {
  std::string first, second, renewed;
  std::vector<v1::JobResult> reported;
  const pki::CertificateAuthority* authority = nullptr;
  ScriptedControlPlane control_plane([&](ScriptedStream& stream) {
    stream.register_worker();
    if (stream.number == 1) {
      first = stream.certificate_pem();
      stream.next(Request::kJobRequest);
      stream.send_job(1, target.url("/slow"), Seconds{15}, Seconds{60});
      target.await_slow();
      const auto request = stream.next(Request::kCertificateRequest);
      const auto issued = authority->issue_worker(
          {7}, request->certificate_request().certificate_request_pem(), std::chrono::hours{24 * 30});
      renewed = issued->certificate_pem;
      v1::ConnectResponse message;
      message.mutable_certificate()->set_certificate_pem(renewed);
      message.mutable_certificate()->set_ca_certificate_pem(authority->certificate_pem());
      stream.send(message);
      // It takes its demand back and half-closes by itself.
      EXPECT_EQ(stream.next(Request::kJobRequest)->job_request().capacity(), 0U);
      EXPECT_EQ(stream.next(Request::kResults), std::nullopt);
      return grpc::Status::OK;
    }
    second = stream.certificate_pem();
    target.release_slow();
    for (auto results = stream.next(Request::kResults); results; results = stream.next(Request::kResults)) {
      reported.insert(reported.end(), results->results().results().begin(),
                      results->results().results().end());
      stream.acknowledge(*results);
      if (reported.size() == 1) done();
    }
    return grpc::Status::OK;
  });
  authority = &control_plane.authority();
  // Two thirds of its life are soon over.
  control_plane.lifetime = Seconds{6};
  EXPECT_EQ(run(options(control_plane)), 0);
  ASSERT_EQ(reported.size(), 1U);
  EXPECT_EQ(reported[0].lease().job_id(), 1);
  EXPECT_EQ(reported[0].result().outcome(), v1::OUTCOME_OK);
  EXPECT_NE(first, second);
  EXPECT_EQ(pki::certificate_fingerprint(second), pki::certificate_fingerprint(renewed));
}

TEST_F(LiveWorker, RenewsTheLeaseOfALongCheck) {
  std::optional<Request> renewal;
  ScriptedControlPlane control_plane([&](ScriptedStream& stream) {
    stream.register_worker();
    stream.next(Request::kJobRequest);
    stream.send_job(1, target.url("/slow"), Seconds{10}, Seconds{2});
    renewal = stream.next(Request::kRenewal);
    // Lost: the fence will refuse its result, and count it.
    v1::ConnectResponse ack;
    ack.mutable_renewal_ack()->mutable_lease_duration()->set_seconds(2);
    stream.send(ack);
    stream.send_job(2, target.url());
    const auto other = stream.next(Request::kResults);
    EXPECT_EQ(other->results().results(0).lease().job_id(), 2);
    stream.acknowledge(*other);
    target.release_slow();
    const auto late = stream.next(Request::kResults);
    EXPECT_EQ(late->results().results(0).lease().job_id(), 1);
    stream.acknowledge(*late);
    done();
    EXPECT_EQ(stream.next(Request::kResults), std::nullopt);
    return grpc::Status::OK;
  });
  EXPECT_EQ(run(options(control_plane)), 0);
  ASSERT_TRUE(renewal.has_value());
  EXPECT_EQ(renewal->renewal().leases(0).job_id(), 1);
}

TEST_F(LiveWorker, ARefusedTokenOrAnotherAuthorityIsFinal) {
  ScriptedControlPlane control_plane([](ScriptedStream&) { return grpc::Status::OK; });
  WorkerOptions wrong = options(control_plane);
  wrong.token = "other." + control_plane.authority().fingerprint();
  EXPECT_EQ(Worker(wrong).run(), 1);
  wrong.token = "s3cret." + std::string(64, '0');
  EXPECT_EQ(Worker(wrong).run(), 1);
  EXPECT_FALSE(fs::exists(directory / "identity.pem"));
}

TEST_F(LiveWorker, AnEnrolmentThatWaitsForTheServerCanBeStopped) {
  WorkerOptions nowhere;
  nowhere.server = "https://127.0.0.1:1";
  nowhere.token = "s3cret." + std::string(64, '0');
  nowhere.state_directory = directory;
  Worker worker(nowhere);
  auto exit_code = std::async(std::launch::async, [&] { return worker.run(); });
  worker.stop();
  EXPECT_EQ(exit_code.get(), 0);
}

}  // namespace
}  // namespace openseer::worker
