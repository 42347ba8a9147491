#include "worker/conversation.h"

#include <gtest/gtest.h>

#include "unit/worker/test_worker.h"
#include "wire/lease.h"
#include "wire/monitor.h"
#include "wire/time.h"

namespace openseer::worker {
namespace {

using Request = v1::ConnectRequest;

class Talking : public testing::Test {
 protected:
  void SetUp() override { start(4); }

  void start(std::size_t concurrency, std::size_t spool_limit = 1000) {
    worker = std::make_unique<TestWorker>(concurrency, spool_limit);
    reconnect();
  }
  void reconnect() {
    if (talk) worker->spool.connection_lost();
    talk = std::make_unique<Conversation>(worker->runner, worker->spool, worker->server, worker->now);
    v1::ConnectResponse message;
    message.mutable_registered()->set_region("here");
    *message.mutable_registered()->mutable_server_time() = wire::to_proto(worker->server.at(worker->now));
    EXPECT_EQ(hear(message), std::nullopt);
  }
  std::optional<std::string> hear(const v1::ConnectResponse& message) {
    return talk->receive(message, worker->now);
  }
  // What is said now, of one kind; the rest is forgotten.
  std::vector<Request> said(Request::MessageCase kind) {
    std::vector<Request> chosen;
    for (Request& message : talk->speak(worker->now)) {
      if (message.message_case() == kind) chosen.push_back(std::move(message));
    }
    return chosen;
  }
  static v1::ConnectResponse jobs(std::int64_t first, int count, bool with_specs = true) {
    v1::ConnectResponse message;
    for (std::int64_t job = first; job < first + count; ++job) {
      *message.mutable_jobs()->add_jobs() =
          wire::to_proto(domain::LeasedJob{TestWorker::lease(job), job, 1}, Milliseconds{15'000});
      if (!with_specs) continue;
      v1::JobSpec& spec = *message.mutable_jobs()->add_specs();
      spec.set_monitor_id(std::to_string(job));
      spec.set_spec_version(1);
      *spec.mutable_spec() = wire::to_proto(TestWorker::spec()->spec, wire::Secrets::kIncluded);
    }
    return message;
  }
  v1::ConnectResponse acks(const Request& results) {
    v1::ConnectResponse message;
    message.mutable_acks()->set_batch(results.results().batch());
    for (int i = 0; i < results.results().results_size(); ++i)
      message.mutable_acks()->add_acceptances(v1::ACCEPTANCE_ACCEPTED);
    return message;
  }

  std::unique_ptr<TestWorker> worker;
  std::unique_ptr<Conversation> talk;
};

TEST_F(Talking, SaysNothingBeforeItIsRegistered) {
  talk = std::make_unique<Conversation>(worker->runner, worker->spool, worker->server, worker->now);
  EXPECT_TRUE(talk->speak(worker->now).empty());
  EXPECT_NE(hear(jobs(1, 1)), std::nullopt);
}

TEST_F(Talking, AsksForAsManyJobsAsItCanRun) {
  const auto asked = said(Request::kJobRequest);
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].job_request().capacity(), 4U);
  EXPECT_TRUE(said(Request::kJobRequest).empty());  // nothing changed
}

TEST_F(Talking, AJobThatArrivesNeedsNoNewAnnouncementButOneThatEndsDoes) {
  said(Request::kJobRequest);
  hear(jobs(1, 2));
  EXPECT_EQ(worker->started.size(), 2U);
  EXPECT_TRUE(said(Request::kJobRequest).empty());
  worker->end(0);
  worker->pass(Milliseconds{200});
  const auto asked = said(Request::kJobRequest);
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].job_request().capacity(), 3U);
  EXPECT_EQ(asked[0].job_request().received(), 2U);
}

TEST_F(Talking, AFullSpoolStopsTheAskingAndAnAckResumesIt) {
  start(2, 2);
  said(Request::kJobRequest);
  hear(jobs(1, 2));
  worker->end(0);
  worker->end(1);
  const auto results = said(Request::kResults);
  ASSERT_EQ(results.size(), 1U);
  worker->pass(Milliseconds{500});
  EXPECT_TRUE(said(Request::kJobRequest).empty());  // the open demand is 0 by now, and stays so
  EXPECT_EQ(hear(acks(results[0])), std::nullopt);
  const auto asked = said(Request::kJobRequest);
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].job_request().capacity(), 2U);
}

TEST_F(Talking, ResultsWithoutAnAckAreSentAgainOnTheNextStream) {
  hear(jobs(1, 1));
  worker->end(0);
  const auto first = said(Request::kResults);
  ASSERT_EQ(first.size(), 1U);
  EXPECT_TRUE(said(Request::kResults).empty());
  reconnect();
  const auto again = said(Request::kResults);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].results().results(0).SerializeAsString(),
            first[0].results().results(0).SerializeAsString());
  EXPECT_GT(again[0].results().batch(), first[0].results().batch());
}

TEST_F(Talking, OnlySoManyBatchesAreUnderWay) {
  start(1, 10'000);
  for (int i = 0; i < 8 * 500 + 1; ++i) worker->spool.add({});
  EXPECT_EQ(said(Request::kResults).size(), 8U);
  EXPECT_TRUE(said(Request::kResults).empty());
  EXPECT_EQ(worker->spool.unsent(), 1U);
}

TEST_F(Talking, RenewsOnceAndAgainWhenNobodyAnswers) {
  hear(jobs(1, 1));
  worker->pass(Milliseconds{8'000});
  const auto asked = said(Request::kRenewal);
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].renewal().leases(0).job_id(), 1);
  worker->pass(Milliseconds{1'000});
  EXPECT_TRUE(said(Request::kRenewal).empty());
  worker->pass(Milliseconds{5'000});
  EXPECT_EQ(said(Request::kRenewal).size(), 1U);
}

TEST_F(Talking, ALeaseMissingFromTheRenewalIsLost) {
  start(1);
  hear(jobs(1, 3));  // the second and the third wait
  worker->pass(Milliseconds{8'000});
  ASSERT_EQ(said(Request::kRenewal).size(), 1U);
  v1::ConnectResponse ack;
  *ack.mutable_renewal_ack()->add_leases() = wire::to_proto(TestWorker::lease(3));
  ack.mutable_renewal_ack()->mutable_lease_duration()->set_seconds(15);
  EXPECT_EQ(hear(ack), std::nullopt);
  worker->end(0);
  EXPECT_EQ(worker->runner.lost(), 1U);
  EXPECT_EQ(worker->started.size(), 2U);
}

TEST_F(Talking, StoppingReturnsWhatHasNotStartedAndWhatStillComes) {
  start(1);
  said(Request::kJobRequest);
  hear(jobs(1, 2));
  talk->stop_asking();
  hear(jobs(3, 1));
  EXPECT_FALSE(talk->settled());
  const auto messages = talk->speak(worker->now);
  ASSERT_FALSE(messages.empty());
  ASSERT_EQ(messages[0].message_case(), Request::kJobReturn);
  EXPECT_EQ(messages[0].job_return().leases_size(), 2);
  EXPECT_TRUE(talk->settled());
  EXPECT_EQ(worker->runner.running(), 1U);
}

TEST_F(Talking, ToldToLeaveItAsksForNoMore) {
  said(Request::kJobRequest);
  v1::ConnectResponse drain;
  drain.mutable_drain();
  EXPECT_EQ(hear(drain), std::nullopt);
  EXPECT_TRUE(talk->told_to_leave());
  EXPECT_EQ(said(Request::kJobRequest).at(0).job_request().capacity(), 0U);
}

TEST_F(Talking, AKnownSpecificationIsNotSentAgainUntilForgotten) {
  hear(jobs(1, 1));
  EXPECT_EQ(hear(jobs(1, 1, false)), std::nullopt);
  EXPECT_EQ(worker->started.size(), 2U);
  v1::ConnectResponse forgetful = jobs(1, 1, false);
  forgetful.mutable_jobs()->set_forget_specs(true);
  EXPECT_NE(hear(forgetful), std::nullopt);
}

TEST_F(Talking, ASpecificationItDoesNotUnderstandFailsTheCheckRatherThanComeBackForEver) {
  v1::ConnectResponse message = jobs(1, 1);
  message.mutable_jobs()->mutable_specs(0)->mutable_spec()->set_max_redirects(4'000'000'000U);
  EXPECT_EQ(hear(message), std::nullopt);
  const auto results = said(Request::kResults);
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].results().results(0).result().reason(), v1::REASON_WORKER);
}

TEST_F(Talking, APongSetsTheClockByTheMiddleOfTheRoundTrip) {
  worker->pass(Milliseconds{70'000});
  const auto pings = said(Request::kPing);
  ASSERT_EQ(pings.size(), 1U);
  const Monotonic sent = worker->now;
  worker->pass(Milliseconds{10});
  v1::ConnectResponse pong;
  pong.mutable_pong()->set_nonce(pings[0].ping().nonce());
  const Instant server_time{Seconds{1'800'000'000}};
  *pong.mutable_pong()->mutable_server_time() = wire::to_proto(server_time);
  EXPECT_EQ(hear(pong), std::nullopt);
  EXPECT_EQ(worker->server.at(sent + Milliseconds{5}), server_time);
}

TEST_F(Talking, NonsenseIsNamed) {
  v1::ConnectResponse no_lease = jobs(1, 1);
  no_lease.mutable_jobs()->mutable_jobs(0)->clear_lease();
  EXPECT_NE(hear(no_lease), std::nullopt);
  v1::ConnectResponse no_duration = jobs(1, 1);
  no_duration.mutable_jobs()->mutable_jobs(0)->clear_lease_duration();
  EXPECT_NE(hear(no_duration), std::nullopt);
  hear(jobs(2, 1));
  worker->end(worker->started.size() - 1);
  const auto results = said(Request::kResults);
  v1::ConnectResponse short_ack = acks(results.at(0));
  short_ack.mutable_acks()->clear_acceptances();
  EXPECT_NE(hear(short_ack), std::nullopt);
}

}  // namespace
}  // namespace openseer::worker
