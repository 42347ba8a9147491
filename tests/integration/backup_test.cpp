// `openseer backup` and `openseer restore`: an instance comes back as it was.
#include <csignal>
#include <filesystem>

#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/local_postgres.h"
#include "integration/stack.h"
#include "integration/target.h"
#include "openseer/v1/metrics_service.pb.h"

namespace openseer::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Backup : public testing::Test {
 protected:
  void SetUp() override {
    if (another_server_is_given()) GTEST_SKIP() << "starts and stops a server of its own";
  }
  std::string path(const std::string& name) const { return directory_.path() / name; }
  Ended backup(const std::string& data, const std::string& file) {
    return openseer({"backup", file, "--data-dir", data});
  }
  Ended restore(const std::string& file, const std::string& data) {
    return openseer({"restore", file, "--data-dir", data});
  }

 private:
  TemporaryDirectory directory_;
};

v1::ListResultsResponse results(ApiClient& api, const std::string& id) {
  v1::ListResultsRequest request;
  request.set_workspace_id(api.workspace());
  request.set_monitor_id(id);
  request.set_page_size(500);
  return api.call<v1::ListResultsResponse>("MetricsService/ListResults", request);
}

TEST_F(Backup, OfARunningInstanceBringsBackMonitorsUsersAndResults) {
  Target target;
  Stack stack;
  stack.start();
  ASSERT_TRUE(stack.wait_ready());
  ApiClient api(stack.url() + "/api");
  api.sign_up();
  const std::string id = api.create_monitor(target.url()).summary().id();
  ASSERT_TRUE(eventually([&] { return results(api, id).results_size() >= 2; }, Seconds{20}));
  const v1::ListResultsResponse before = results(api, id);

  const Ended made = backup(stack.data(), path("backup.tar"));
  ASSERT_EQ(made.status.code, 0) << made.output;
  struct stat info {};
  ASSERT_EQ(stat(path("backup.tar").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_FALSE(fs::exists(path("backup.tar.part")));
  // It is not written over, and the instance has gone on meanwhile.
  const Ended again = backup(stack.data(), path("backup.tar"));
  EXPECT_EQ(again.status.code, 1);
  EXPECT_THAT(again.output, HasSubstr("is there already"));
  const std::int64_t requests = target.requests();
  EXPECT_TRUE(target.wait_for_requests("/", requests + 2, Seconds{20}));
  stack.process().send(SIGTERM);
  ASSERT_TRUE(stack.process().wait(scaled(Seconds{30})));

  const std::string data = path("restored");
  const Ended restored = restore(path("backup.tar"), data);
  ASSERT_EQ(restored.status.code, 0) << restored.output;
  Stack second(data);
  second.start();
  ASSERT_TRUE(second.wait_ready());
  ApiClient there(second.url() + "/api");
  there.sign_in();
  EXPECT_EQ(there.get_monitor(id).spec().url(), target.url());
  const v1::ListResultsResponse after = results(there, id);
  for (const v1::Result& result : before.results()) {
    const bool found = std::any_of(
        after.results().begin(), after.results().end(),
        [&result](const v1::Result& r) { return r.SerializeAsString() == result.SerializeAsString(); });
    EXPECT_TRUE(found) << result.ShortDebugString();
  }
  // Work goes on: the CA's key could be opened, and a worker has enrolled.
  const std::int64_t old = target.requests();
  EXPECT_TRUE(target.wait_for_requests("/", old + 2, Seconds{30}));
  Sql sql = second.sql();
  EXPECT_EQ(ledger_errors(sql), "");

  // Of a stopped one, too; and never over something.
  second.process().send(SIGTERM);
  ASSERT_TRUE(second.process().wait(scaled(Seconds{30})));
  const Ended stopped = backup(data, path("stopped.tar"));
  EXPECT_EQ(stopped.status.code, 0) << stopped.output;
  const Ended over = restore(path("stopped.tar"), data);
  EXPECT_EQ(over.status.code, 1);
  EXPECT_THAT(over.output, HasSubstr("is not empty"));
}

TEST_F(Backup, ADamagedFileLeavesNothingBehind) {
  std::ofstream(path("broken.tar")) << std::string(10'000, 'x');
  const Ended ended = restore(path("broken.tar"), path("data"));
  EXPECT_EQ(ended.status.code, 1);
  EXPECT_THAT(ended.output, HasSubstr(path("broken.tar")));
  EXPECT_FALSE(fs::exists(path("data")));
  EXPECT_FALSE(fs::exists(path("data.part")));
}

TEST_F(Backup, SaysWhatIsWrongInOneLine) {
  const Ended missing = openseer({"backup"});
  EXPECT_EQ(missing.status.code, 2);
  EXPECT_THAT(missing.output, HasSubstr("name the backup's file"));
  const Ended nothing = backup(path("none"), path("b.tar"));
  EXPECT_EQ(nothing.status.code, 1);
  EXPECT_THAT(nothing.output, HasSubstr("holds no private PostgreSQL"));
  EXPECT_FALSE(fs::exists(path("none")));
}

}  // namespace
}  // namespace openseer::test
