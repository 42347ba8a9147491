// The workers' edge with real TLS, gRPC and PostgreSQL; the workers are plain
// gRPC clients.
#include "control/stream/worker_gateway.h"

#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_future.hpp>
#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>

#include "control/ingest/committer.h"
#include "control/lease/dispatcher.h"
#include "control/lease/spec_cache.h"
#include "openseer/v1/worker_stream_service.grpc.pb.h"
#include "pg/pool.h"
#include "pki/authority.h"
#include "pki/secret_box.h"
#include "store/retention.h"
#include "store/workers.h"
#include "support/loop.h"
#include "support/monitors.h"
#include "support/postgres.h"
#include "wire/time.h"

namespace openseer::control {
namespace {

constexpr Seconds kDay = std::chrono::hours{24};

pki::CertificateAuthority new_authority() {
  pki::KeyAndCertificate made = pki::CertificateAuthority::create();
  return {std::move(made.private_key_pem), std::move(made.certificate_pem)};
}

// A worker's end of a stream, blocking.
class Client {
 public:
  Client(std::uint16_t port, const pki::KeyAndCertificate& identity, const std::string& ca_pem) {
    grpc::SslCredentialsOptions ssl{ca_pem, identity.private_key_pem, identity.certificate_pem};
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    context_.set_deadline(std::chrono::system_clock::now() + Seconds{30});
    stub_ = v1::WorkerStreamService::NewStub(
        grpc::CreateCustomChannel("localhost:" + std::to_string(port), grpc::SslCredentials(ssl), arguments));
    stream_ = stub_->Connect(&context_);
  }

  void send(const v1::ConnectRequest& message) { stream_->Write(message); }
  void register_worker() {
    v1::ConnectRequest message;
    message.mutable_register_()->set_version("test");
    send(message);
  }
  void ask(std::uint32_t capacity) {
    v1::ConnectRequest message;
    message.mutable_job_request()->set_capacity(capacity);
    message.mutable_job_request()->set_received(received_);
    send(message);
  }
  // The next message of a kind; others are passed over. Nothing at the end.
  std::optional<v1::ConnectResponse> next(v1::ConnectResponse::MessageCase kind) {
    v1::ConnectResponse message;
    while (stream_->Read(&message)) {
      received_ += static_cast<std::uint64_t>(message.jobs().jobs_size());
      if (message.message_case() == kind) return message;
    }
    return std::nullopt;
  }
  // Reads to the end.
  grpc::Status status() {
    v1::ConnectResponse message;
    while (stream_->Read(&message)) {
    }
    return stream_->Finish();
  }
  void half_close() { stream_->WritesDone(); }
  void vanish() { context_.TryCancel(); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<v1::WorkerStreamService::Stub> stub_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::ConnectRequest, v1::ConnectResponse>> stream_;
  std::uint64_t received_ = 0;
};

class Gateway : public testing::Test {
 protected:
  void SetUp() override {
    loop.run(store::create_partitions(pool));
    worker = test::plant_worker(loop, pool, "here");
    port = gateway->start();
    boost::asio::co_spawn(server_loop.executor(), dispatcher.run(), boost::asio::detached);
    thread = std::thread([this] {
      auto guard = boost::asio::make_work_guard(server_loop.context());
      server_loop.context().run();
    });
  }
  void TearDown() override {
    on_server(gateway->drain(Milliseconds{100}));
    boost::asio::post(server_loop.executor(), [this] { dispatcher.stop(); });
    on_server(committer.drain());
    server_loop.context().stop();
    thread.join();
    gateway.reset();
  }

  void on_server(boost::asio::awaitable<void> task) {
    boost::asio::co_spawn(server_loop.executor(), std::move(task), boost::asio::use_future).get();
  }
  pki::KeyAndCertificate identity(const pki::CertificateAuthority& by, std::int32_t id,
                                  Seconds lifetime = kDay) {
    pki::KeyAndRequest request = pki::make_certificate_request();
    return {request.private_key_pem, by.issue_worker({id}, request.request_pem, lifetime)->certificate_pem};
  }
  std::unique_ptr<Client> connect() {
    return std::make_unique<Client>(port, identity(authority, worker), authority.certificate_pem());
  }
  std::unique_ptr<Client> registered() {
    auto client = connect();
    client->register_worker();
    const auto answer = client->next(v1::ConnectResponse::kRegistered);
    EXPECT_TRUE(answer.has_value());
    EXPECT_EQ(answer->registered().worker_id(), std::to_string(worker));
    EXPECT_EQ(answer->registered().region(), "here");
    return client;
  }
  static v1::ConnectRequest results_of(const v1::JobBatch& jobs, std::int64_t batch) {
    v1::ConnectRequest message;
    message.mutable_results()->set_batch(batch);
    for (const v1::Job& job : jobs.jobs()) {
      v1::JobResult& result = *message.mutable_results()->add_results();
      *result.mutable_lease() = job.lease();
      *result.mutable_result()->mutable_started_at() = jobs.server_time();
      result.mutable_result()->set_outcome(v1::OUTCOME_OK);
      result.mutable_result()->set_http_status(200);
    }
    return message;
  }
  std::int64_t leased() {
    return test::count_sql(loop, pool, "SELECT count(*) FROM app.jobs WHERE leased_by IS NOT NULL");
  }
  // Waits for what another thread does, with the database's own eyes.
  void expect_soon(const std::string& sql, std::int64_t wanted) {
    const Monotonic deadline = std::chrono::steady_clock::now() + Seconds{10};
    std::int64_t seen = 0;
    do {
      seen = test::count_sql(loop, pool, sql);
    } while (seen != wanted && std::chrono::steady_clock::now() < deadline);
    EXPECT_EQ(seen, wanted) << sql;
  }

  test::TestDatabase database;
  test::Loop loop;  // the test's own
  pg::Pool pool{loop.executor(), {.conninfo = database.conninfo()}};
  test::Loop server_loop;  // the replica's, on its thread
  pg::Pool server_pool{server_loop.executor(), {.conninfo = database.conninfo()}};
  pki::CertificateAuthority authority = new_authority();
  pki::SecretBox secrets = pki::SecretBox::from_hex(pki::SecretBox::random_key_hex());
  Dispatcher dispatcher{server_loop.executor(), server_pool, {}};
  Committer committer{server_loop.executor(), server_pool, {}};
  SpecCache specs{server_pool, secrets};
  std::unique_ptr<WorkerGateway> gateway = std::make_unique<WorkerGateway>(
      server_loop.executor(), server_pool, authority, dispatcher, committer, specs,
      WorkerGateway::Options{.address = "127.0.0.1", .port = 0, .revocation_check = Seconds{1}});
  std::uint16_t port = 0;
  std::int32_t worker = 0;
  std::thread thread;
};

TEST_F(Gateway, AJobGoesOutWithItsSpecificationAndItsResultIsCommittedBeforeTheAck) {
  const test::PlantedJob planted = test::plant_job(loop, pool, "here", Seconds{60});
  const auto client = registered();
  client->ask(5);
  const auto jobs = client->next(v1::ConnectResponse::kJobs);
  ASSERT_TRUE(jobs.has_value());
  ASSERT_EQ(jobs->jobs().jobs_size(), 1);
  EXPECT_EQ(jobs->jobs().jobs(0).lease().job_id(), planted.job_id);
  ASSERT_EQ(jobs->jobs().specs_size(), 1);
  EXPECT_EQ(jobs->jobs().specs(0).spec().url(), "http://localhost/");

  client->send(results_of(jobs->jobs(), 77));
  const auto acks = client->next(v1::ConnectResponse::kAcks);
  ASSERT_TRUE(acks.has_value());
  EXPECT_EQ(acks->acks().batch(), 77);
  ASSERT_EQ(acks->acks().acceptances_size(), 1);
  EXPECT_EQ(acks->acks().acceptances(0), v1::ACCEPTANCE_ACCEPTED);
  EXPECT_EQ(test::count_sql(loop, pool, "SELECT count(*) FROM ts.results_raw"), 1);

  // The same again, as after a lost ack: accepted without effect.
  client->send(results_of(jobs->jobs(), 78));
  EXPECT_EQ(client->next(v1::ConnectResponse::kAcks)->acks().acceptances(0), v1::ACCEPTANCE_ACCEPTED);
  EXPECT_EQ(test::count_sql(loop, pool, "SELECT count(*) FROM ts.results_raw"), 1);
}

TEST_F(Gateway, NoMoreJobsThanAskedForAreSent) {
  for (int i = 0; i < 5; ++i) test::plant_job(loop, pool, "here", Seconds{60});
  const auto client = registered();
  client->ask(2);
  int received = 0;
  while (received < 2) received += client->next(v1::ConnectResponse::kJobs)->jobs().jobs_size();
  EXPECT_EQ(received, 2);
  v1::ConnectRequest ping;
  ping.mutable_ping()->set_nonce(1);
  client->send(ping);
  EXPECT_TRUE(client->next(v1::ConnectResponse::kPong).has_value());
  EXPECT_EQ(leased(), 2);
}

TEST_F(Gateway, AResultUnderAnotherFenceIsRefused) {
  test::plant_job(loop, pool, "here", Seconds{60});
  const auto client = registered();
  client->ask(1);
  auto jobs = client->next(v1::ConnectResponse::kJobs);
  jobs->mutable_jobs()->mutable_jobs(0)->mutable_lease()->set_fence(99);
  client->send(results_of(jobs->jobs(), 1));
  EXPECT_EQ(client->next(v1::ConnectResponse::kAcks)->acks().acceptances(0), v1::ACCEPTANCE_FENCED);
  EXPECT_EQ(test::count_sql(loop, pool, "SELECT count(*) FROM ts.results_raw"), 0);
}

TEST_F(Gateway, RenewsOnlyTheLeasesThatAreTheWorkers) {
  test::plant_job(loop, pool, "here", Seconds{60});
  const auto client = registered();
  client->ask(1);
  const auto jobs = client->next(v1::ConnectResponse::kJobs);
  v1::ConnectRequest message;
  *message.mutable_renewal()->add_leases() = jobs->jobs().jobs(0).lease();
  v1::Lease& foreign = *message.mutable_renewal()->add_leases();
  foreign = jobs->jobs().jobs(0).lease();
  foreign.set_fence(99);
  client->send(message);
  const auto ack = client->next(v1::ConnectResponse::kRenewalAck);
  ASSERT_EQ(ack->renewal_ack().leases_size(), 1);
  EXPECT_EQ(ack->renewal_ack().leases(0).fence(), jobs->jobs().jobs(0).lease().fence());
  EXPECT_EQ(ack->renewal_ack().lease_duration().seconds(), 15);
}

TEST_F(Gateway, AReturnedJobIsDueAgainAtOnce) {
  test::plant_job(loop, pool, "here", Seconds{60});
  const auto client = registered();
  client->ask(1);
  const auto jobs = client->next(v1::ConnectResponse::kJobs);
  v1::ConnectRequest message;
  *message.mutable_job_return()->add_leases() = jobs->jobs().jobs(0).lease();
  client->send(message);
  client->ask(1);
  const auto again = client->next(v1::ConnectResponse::kJobs);
  EXPECT_EQ(again->jobs().jobs(0).lease().fence(), jobs->jobs().jobs(0).lease().fence() + 1);
  EXPECT_EQ(again->jobs().specs_size(), 0);  // carried before
}

TEST_F(Gateway, PongCarriesTheDatabasesTime) {
  const auto client = registered();
  v1::ConnectRequest ping;
  ping.mutable_ping()->set_nonce(42);
  client->send(ping);
  const auto pong = client->next(v1::ConnectResponse::kPong);
  EXPECT_EQ(pong->pong().nonce(), 42);
  const auto difference = *wire::from_proto(pong->pong().server_time()) - std::chrono::system_clock::now();
  EXPECT_LT(std::chrono::abs(difference), Seconds{2});
}

TEST_F(Gateway, ARenewedCertificateIsForTheSameWorkerAndAnotherKey) {
  const auto client = registered();
  const pki::KeyAndRequest request = pki::make_certificate_request();
  v1::ConnectRequest message;
  message.mutable_certificate_request()->set_certificate_request_pem(request.request_pem);
  client->send(message);
  const auto answer = client->next(v1::ConnectResponse::kCertificate);
  ASSERT_TRUE(answer.has_value());
  const std::string& pem = answer->certificate().certificate_pem();
  EXPECT_TRUE(pki::issued_for(pem, request.private_key_pem, authority.certificate_pem()));
  EXPECT_EQ(pki::worker_identity(pem)->worker_id, worker);
  const auto stored = loop.run(store::find_worker(pool, worker));
  EXPECT_EQ(stored->certificate_expires_at, pki::not_after(pem));
}

TEST_F(Gateway, ARevokedWorkerIsCutOffAndNeverComesBack) {
  const auto client = registered();
  loop.run(store::revoke_worker(pool, worker, store::Actor{}));
  EXPECT_EQ(client->status().error_code(), grpc::StatusCode::PERMISSION_DENIED);
  const auto again = connect();
  again->register_worker();
  EXPECT_EQ(again->status().error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(Gateway, StrangersAreRefused) {
  Client unknown(port, identity(authority, 9'999), authority.certificate_pem());
  unknown.register_worker();
  EXPECT_EQ(unknown.status().error_code(), grpc::StatusCode::PERMISSION_DENIED);
  // A certificate of the right authority, but not a worker's: TLS refuses it.
  Client server(port, authority.issue_server({"localhost"}, kDay), authority.certificate_pem());
  server.register_worker();
  EXPECT_FALSE(server.status().ok());
  // A worker's certificate by another authority.
  const pki::CertificateAuthority other = new_authority();
  Client foreign(port, identity(other, worker), authority.certificate_pem());
  foreign.register_worker();
  EXPECT_EQ(foreign.status().error_code(), grpc::StatusCode::UNAVAILABLE);
  // None at all.
  Client nobody(port, {}, authority.certificate_pem());
  nobody.register_worker();
  EXPECT_EQ(nobody.status().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(Gateway, BreakingTheProtocolEndsTheStream) {
  const auto early = connect();
  early->ask(1);
  EXPECT_EQ(early->status().error_code(), grpc::StatusCode::INVALID_ARGUMENT);

  const auto twice = registered();
  twice->register_worker();
  EXPECT_EQ(twice->status().error_code(), grpc::StatusCode::INVALID_ARGUMENT);

  const auto empty = registered();
  empty->send(v1::ConnectRequest());
  EXPECT_EQ(empty->status().error_code(), grpc::StatusCode::INVALID_ARGUMENT);

  const auto forged = registered();
  v1::ConnectRequest results;
  results.mutable_results()->add_results();
  forged->send(results);
  EXPECT_EQ(forged->status().error_code(), grpc::StatusCode::INVALID_ARGUMENT);

  const auto huge = registered();
  v1::ConnectRequest message;
  message.mutable_certificate_request()->set_certificate_request_pem(std::string(5'000'000, 'x'));
  huge->send(message);
  EXPECT_EQ(huge->status().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(Gateway, ANewerStreamOfAWorkerReplacesTheOlder) {
  const auto older = registered();
  const auto newer = registered();
  EXPECT_EQ(older->status().error_code(), grpc::StatusCode::ABORTED);
  v1::ConnectRequest ping;
  ping.mutable_ping();
  newer->send(ping);
  EXPECT_TRUE(newer->next(v1::ConnectResponse::kPong).has_value());
}

TEST_F(Gateway, AHalfClosedStreamEndsWellOnceEverythingIsAcknowledged) {
  test::plant_job(loop, pool, "here", Seconds{60});
  const auto client = registered();
  client->ask(1);
  const auto jobs = client->next(v1::ConnectResponse::kJobs);
  client->send(results_of(jobs->jobs(), 1));
  client->half_close();
  EXPECT_TRUE(client->next(v1::ConnectResponse::kAcks).has_value());
  EXPECT_TRUE(client->status().ok());
}

TEST_F(Gateway, DrainTellsWorkersAndStillTakesTheirResults) {
  test::plant_job(loop, pool, "here", Seconds{60});
  const auto client = registered();
  client->ask(1);
  const auto jobs = client->next(v1::ConnectResponse::kJobs);
  auto drained =
      boost::asio::co_spawn(server_loop.executor(), gateway->drain(Seconds{20}), boost::asio::use_future);
  ASSERT_TRUE(client->next(v1::ConnectResponse::kDrain).has_value());
  client->send(results_of(jobs->jobs(), 1));
  EXPECT_EQ(client->next(v1::ConnectResponse::kAcks)->acks().acceptances(0), v1::ACCEPTANCE_ACCEPTED);
  const auto late = connect();
  late->register_worker();
  EXPECT_EQ(late->status().error_code(), grpc::StatusCode::UNAVAILABLE);
  client->half_close();
  EXPECT_TRUE(client->status().ok());
  EXPECT_EQ(drained.wait_for(Seconds{10}), std::future_status::ready);
}

TEST_F(Gateway, TheDemandOfAVanishedWorkerVanishesToo) {
  const auto client = registered();
  client->ask(10);
  expect_soon("SELECT count(*) FROM app.workers WHERE version = 'test'", 1);
  client->vanish();
  client->status();
  const auto other = registered();  // replaces what may be left of it
  test::plant_job(loop, pool, "here", Seconds{60});
  other->ask(1);
  const auto jobs = other->next(v1::ConnectResponse::kJobs);
  EXPECT_EQ(jobs->jobs().jobs_size(), 1);
}

TEST_F(Gateway, ATakenPortIsAnErrorThatNamesIt) {
  WorkerGateway second(server_loop.executor(), server_pool, authority, dispatcher, committer, specs,
                       {.address = "127.0.0.1", .port = port});
  try {
    second.start();
    FAIL() << "the port was shared";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find(std::to_string(port)), std::string::npos);
  }
}

}  // namespace
}  // namespace openseer::control
