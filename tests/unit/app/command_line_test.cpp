#include "app/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace openseer::app {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Outcome {
  int code;
  std::string out;
  std::string err;
};

Outcome type(std::vector<std::string> words) {
  words.insert(words.begin(), "openseer");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int code = run(static_cast<int>(argv.size()), argv.data());
  return {code, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

class EverySubcommand : public testing::TestWithParam<std::vector<std::string>> {};

TEST_P(EverySubcommand, ExplainsItself) {
  std::vector<std::string> words = GetParam();
  words.emplace_back("--help");
  const Outcome outcome = type(words);
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("usage: openseer " + GetParam()[0]));
  EXPECT_THAT(outcome.out, HasSubstr("--log-level LEVEL"));
  EXPECT_EQ(outcome.err, "");
}

TEST_P(EverySubcommand, RefusesAnUnknownOption) {
  std::vector<std::string> words = GetParam();
  words.emplace_back("--no-such-option");
  const Outcome outcome = type(words);
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("unknown option '--no-such-option'"));
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1);
}

INSTANTIATE_TEST_SUITE_P(
    CommandLine, EverySubcommand,
    testing::Values(std::vector<std::string>{"up"}, std::vector<std::string>{"control-plane"},
                    std::vector<std::string>{"worker"}, std::vector<std::string>{"migrate", "up"},
                    std::vector<std::string>{"migrate", "down"},
                    std::vector<std::string>{"migrate", "status"},
                    std::vector<std::string>{"token", "create"}, std::vector<std::string>{"user", "list"},
                    std::vector<std::string>{"user", "reset-password"},
                    std::vector<std::string>{"postgres"}));

TEST(CommandLine, HelpListsTheSubcommands) {
  const Outcome outcome = type({"--help"});
  EXPECT_EQ(outcome.code, 0);
  for (const char* name :
       {"up", "control-plane", "worker", "migrate up", "token create", "user reset-password", "version"}) {
    EXPECT_THAT(outcome.out, HasSubstr(std::string("\n  ") + name + " "));
  }
}

TEST(CommandLine, WhatIsUnknownIsExitCode2) {
  EXPECT_EQ(type({"serve"}).err, "openseer: unknown subcommand 'serve' (see openseer --help)\n");
  EXPECT_EQ(type({"migrate"}).err,
            "openseer: migrate needs one of: up, down, status (see openseer --help)\n");
  EXPECT_EQ(type({"migrate", "sideways"}).code, 2);
  EXPECT_EQ(type({}).code, 2);
}

TEST(CommandLine, ValuesOutOfRangeAreNamed) {
  EXPECT_EQ(type({"worker", "--concurrency", "x"}).err,
            "openseer worker: --concurrency must be a whole number from 1 to 10000, got 'x'\n");
  EXPECT_EQ(type({"worker", "--server", "http://localhost"}).code, 2);
  EXPECT_EQ(type({"worker", "--stream", "localhost"}).code, 2);
  EXPECT_EQ(type({"token", "create", "--database-url", "postgresql:///x", "--region", "Bad"}).code, 2);
}

TEST(CommandLine, ADatabaseUrlIsNeverShown) {
  const Outcome outcome =
      type({"migrate", "up", "--database-url", "postgresql://u:hunter2@127.0.0.1:1/x?connect_timeout=1"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, StartsWith("openseer migrate up: the database cannot be reached: "));
  EXPECT_THAT(outcome.err, testing::Not(HasSubstr("hunter2")));
}

TEST(CommandLine, ASecretKeyMustBeSafeAndWhole) {
  const Outcome none = type({"control-plane", "--database-url", "postgresql:///x"});
  EXPECT_EQ(none.code, 2);
  EXPECT_THAT(none.err, HasSubstr("--secret-key-file"));
  const Outcome bad = type({"control-plane", "--database-url", "postgresql:///x", "--secret-key", "abc"});
  EXPECT_EQ(bad.code, 2);
  EXPECT_THAT(bad.err, testing::Not(HasSubstr("'abc'")));
  // World-readable.
  const Outcome open =
      type({"control-plane", "--database-url", "postgresql:///x", "--secret-key-file", "/etc/passwd"});
  EXPECT_EQ(open.code, 2);
  EXPECT_THAT(open.err, HasSubstr("others may not read"));
}

}  // namespace
}  // namespace openseer::app
