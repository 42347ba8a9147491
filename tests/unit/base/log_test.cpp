#include "base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace openseer::log {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;

class Log : public testing::Test {
 protected:
  ~Log() override { configure(Level::kInfo, Format::kText, "openseer"); }
  template <class Write>
  std::string written(Write write) {
    testing::internal::CaptureStderr();
    write();
    return testing::internal::GetCapturedStderr();
  }
};

TEST_F(Log, JsonIsOneObjectALineWithTypedFields) {
  configure(Level::kInfo, Format::kJson, "worker");
  const std::string line = written([] { info("connected", {{"region", "eu"}, {"jobs", 3}, {"new", true}}); });
  EXPECT_THAT(line, MatchesRegex("\\{\"time\":\"20[0-9-]+T[0-9:.]+Z\",.*\n"));
  EXPECT_THAT(line, EndsWith("\"level\":\"info\",\"component\":\"worker\",\"message\":\"connected\","
                             "\"region\":\"eu\",\"jobs\":3,\"new\":true}\n"));
}

TEST_F(Log, NothingInAFieldBreaksTheLine) {
  configure(Level::kInfo, Format::kJson, "worker");
  EXPECT_THAT(written([] { info("m", {{"x", "a\"b\\c\nd\x01"}}); }), HasSubstr(R"("x":"a\"b\\c\nd\u0001"})"));
  configure(Level::kInfo, Format::kText, "worker");
  EXPECT_THAT(written([] { info("m", {{"x", "a\n\033[2Jb"}}); }), HasSubstr(R"(x="a\n\u001b[2Jb")"));
}

TEST_F(Log, LevelsBelowTheThresholdAreSilent) {
  configure(Level::kWarning, Format::kText, "worker");
  EXPECT_EQ(written([] { info("quiet"); }), "");
  EXPECT_THAT(written([] { warning("loud"); }), HasSubstr("worker: loud"));
}

TEST_F(Log, TextOutsideATerminalHasNoColours) {
  configure(Level::kInfo, Format::kText, "worker");
  EXPECT_THAT(written([] { error("plain"); }), testing::Not(HasSubstr("\033")));
}

}  // namespace
}  // namespace openseer::log
