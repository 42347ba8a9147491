#include <algorithm>
#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/process.h"

namespace openseer::test {
namespace {

using testing::HasSubstr;

struct Mistake {
  std::vector<std::string> arguments;
  Variables environment;
  std::string told;  // what the line has to name
};

// How a failing one is named; otherwise its bytes would be, pointers and all.
void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.told; }

class BadInput : public testing::TestWithParam<Mistake> {};

TEST_P(BadInput, ExitsWithTwoAndOneLine) {
  const Ended ended = openseer(GetParam().arguments, GetParam().environment);
  EXPECT_EQ(ended.status.code, 2) << ended.output;
  EXPECT_EQ(std::count(ended.output.begin(), ended.output.end(), '\n'), 1) << ended.output;
  EXPECT_THAT(ended.output, HasSubstr(GetParam().told));
}

INSTANTIATE_TEST_SUITE_P(
    CommandLine, BadInput,
    testing::Values(
        Mistake{{"conquer"}, {}, "conquer"}, Mistake{{"migrate"}, {}, "up, down, status"},
        Mistake{{"up", "--colour", "blue"}, {}, "--colour"},
        Mistake{{"up", "--http-port", "eighty"}, {}, "--http-port"},
        Mistake{{"up", "--http-port", "70000"}, {}, "70000"},
        Mistake{{"up", "--http-port"}, {}, "--http-port"}, Mistake{{"up", "extra"}, {}, "extra"},
        Mistake{{"up"}, {{"OPENSEER_HTTP_PORT", "0"}}, "OPENSEER_HTTP_PORT"},
        Mistake{{"up"}, {{"OPENSEER_LOG_LEVEL", "loud"}}, "OPENSEER_LOG_LEVEL"},
        Mistake{{"control-plane"}, {}, "DATABASE_URL"},
        Mistake{{"control-plane", "--lease", "soon"},
                {{"DATABASE_URL", "postgresql://localhost/none"}},
                "--lease"},
        Mistake{{"up", "--smtp-host", "mail.example.com"}, {}, "--smtp-from"},
        Mistake{
            {"up", "--smtp-host", "mail.example.com", "--smtp-from", "a@example.com"}, {}, "--public-url"},
        Mistake{{"up", "--smtp-from", "nobody"}, {}, "--smtp-from"},
        Mistake{{"up", "--public-url", "monitor.example.com"}, {}, "--public-url"},
        Mistake{{"user", "list"}, {}, "DATABASE_URL"},
        Mistake{{"user", "reset-password"}, {{"DATABASE_URL", "postgresql://localhost/none"}}, "EMAIL"},
        Mistake{{"worker", "--server", "http://localhost"}, {}, "--server"},
        Mistake{{"worker", "--server", "https://localhost:1", "--concurrency", "0"}, {}, "--concurrency"},
        Mistake{{"migrate", "up"}, {}, "DATABASE_URL"},
        Mistake{{"migrate", "down", "--steps", "-1"},
                {{"DATABASE_URL", "postgresql://localhost/none"}},
                "--steps"},
        Mistake{{"token", "create", "--region", "Über all"},
                {{"DATABASE_URL", "postgresql://localhost/none"}},
                "--region"}));

using Words = std::vector<std::string>;
class Help : public testing::TestWithParam<Words> {};

TEST_P(Help, NamesEveryOptionsVariable) {
  Words arguments = GetParam();
  arguments.emplace_back("--help");
  const Ended ended = openseer(arguments);
  EXPECT_TRUE(ended.status.success()) << ended.status.text();
  EXPECT_THAT(ended.output, HasSubstr("usage: openseer " + GetParam().front()));

  // Each option's entry goes up to the next option.
  const std::regex head("^  --([a-z0-9-]+)", std::regex::multiline);
  std::sregex_iterator at(ended.output.begin(), ended.output.end(), head);
  int options = 0;
  for (; at != std::sregex_iterator(); ++at) {
    const std::string name = (*at)[1];
    auto next = at;
    const auto end =
        ++next == std::sregex_iterator() ? ended.output.size() : static_cast<std::size_t>(next->position());
    const auto begin = static_cast<std::size_t>(at->position());
    const std::string entry = ended.output.substr(begin, end - begin);
    // What one command alone is told has none.
    static const std::vector<std::string> kArguments{"help", "steps",    "region",
                                                     "uses", "lifetime", "disable-two-factor"};
    if (std::find(kArguments.begin(), kArguments.end(), name) != kArguments.end()) continue;
    ++options;
    EXPECT_THAT(entry, testing::ContainsRegex("\\[(OPENSEER_[A-Z_]+|DATABASE_URL)")) << name;
  }
  EXPECT_GT(options, 0) << ended.output;
}

INSTANTIATE_TEST_SUITE_P(CommandLine, Help,
                         testing::Values(Words{"up"}, Words{"control-plane"}, Words{"worker"},
                                         Words{"migrate", "up"}, Words{"migrate", "down"},
                                         Words{"migrate", "status"}, Words{"token", "create"},
                                         Words{"user", "list"}, Words{"user", "reset-password"},
                                         Words{"postgres"}));

TEST(CommandLine, HelpListsEverySubcommand) {
  const Ended help = openseer({"--help"});
  EXPECT_TRUE(help.status.success());
  for (const char* subcommand : {"up", "control-plane", "worker", "migrate up", "migrate down",
                                 "migrate status", "token create", "user list", "user reset-password"}) {
    EXPECT_THAT(help.output, HasSubstr(std::string("  ") + subcommand + " "));
  }
}

TEST(CommandLine, TellsItsVersion) {
  const Ended version = openseer({"version"});
  EXPECT_TRUE(version.status.success());
  EXPECT_THAT(version.output, testing::StartsWith("openseer "));
}

}  // namespace
}  // namespace openseer::test
