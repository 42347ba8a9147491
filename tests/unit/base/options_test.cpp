#include "base/options.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace openseer::options {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Values {
  int concurrency = 0;
  std::string name;
  std::optional<std::string> secret;
  bool insecure = false;
  Seconds lease{0};
  std::optional<Seconds> keep;
  std::vector<std::string> names;
  std::string address;
};

class ReadOptions : public testing::Test {
 protected:
  std::optional<int> read_with(std::vector<std::string> arguments,
                               std::map<std::string, std::string> variables = {}) {
    const Environment environment = [&variables](const std::string& name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      if (found == variables.end()) return std::nullopt;
      return found->second;
    };
    return read(command_, arguments, environment, out_, err_);
  }

  Values values_;
  std::ostringstream out_, err_;
  Command command_{
      "openseer worker",
      "Runs checks.",
      {{"concurrency", "OPENSEER_CONCURRENCY", "N", "200", "Checks at once.",
        integer(values_.concurrency, 1, 10'000)},
       {"name", "OPENSEER_NAME", "NAME", "here", "Its name.", text(values_.name)},
       secret({"token", "OPENSEER_TOKEN", "TOKEN", "", "Lets it in.", optional_text(values_.secret)}),
       {"insecure", "", "", "", "Not safe.", flag(values_.insecure)},
       {"lease", "", "TIME", "15s", "Time to run a check.",
        duration(values_.lease, Seconds{5}, Seconds{600})},
       {"keep", "", "TIME", "30d", "How long.", retention(values_.keep)},
       {"names", "", "LIST", "a,b", "Names.", list(values_.names)},
       {"address", "", "IP", "127.0.0.1", "Where.", ip_address(values_.address)}}};
};

TEST_F(ReadOptions, DefaultsApplyWhenNothingIsGiven) {
  EXPECT_EQ(read_with({}), std::nullopt);
  EXPECT_EQ(values_.concurrency, 200);
  EXPECT_EQ(values_.name, "here");
  EXPECT_EQ(values_.secret, std::nullopt);
  EXPECT_EQ(values_.lease, Seconds{15});
  EXPECT_EQ(values_.keep, Seconds{30 * 86'400});
  EXPECT_EQ(values_.names, (std::vector<std::string>{"a", "b"}));
}

TEST_F(ReadOptions, BothFormsOfAValueAreTaken) {
  EXPECT_EQ(read_with({"--concurrency", "7", "--name=x=y"}), std::nullopt);
  EXPECT_EQ(values_.concurrency, 7);
  EXPECT_EQ(values_.name, "x=y");
}

TEST_F(ReadOptions, TheCommandLineOverridesTheEnvironment) {
  EXPECT_EQ(read_with({"--concurrency=7"}, {{"OPENSEER_CONCURRENCY", "9"}, {"OPENSEER_NAME", "env"}}),
            std::nullopt);
  EXPECT_EQ(values_.concurrency, 7);
  EXPECT_EQ(values_.name, "env");
}

TEST_F(ReadOptions, AnEmptyVariableIsNotSet) {
  EXPECT_EQ(read_with({}, {{"OPENSEER_CONCURRENCY", ""}}), std::nullopt);
  EXPECT_EQ(values_.concurrency, 200);
}

TEST_F(ReadOptions, ASwitchNeedsNoValueButTakesOne) {
  EXPECT_EQ(read_with({"--insecure", "--name", "n"}), std::nullopt);
  EXPECT_TRUE(values_.insecure);
  EXPECT_EQ(read_with({"--insecure=false"}), std::nullopt);
  EXPECT_FALSE(values_.insecure);
}

TEST_F(ReadOptions, AnInvalidValueIsOneClearLineAndExitCode2) {
  EXPECT_EQ(read_with({"--concurrency", "x"}), 2);
  EXPECT_EQ(err_.str(), "openseer worker: --concurrency must be a whole number from 1 to 10000, got 'x'\n");
}

TEST_F(ReadOptions, AnInvalidVariableIsNamed) {
  EXPECT_EQ(read_with({}, {{"OPENSEER_CONCURRENCY", "10001"}}), 2);
  EXPECT_EQ(err_.str(),
            "openseer worker: OPENSEER_CONCURRENCY must be a whole number from 1 to 10000, got '10001'\n");
}

TEST_F(ReadOptions, ASecretIsNeverPrinted) {
  EXPECT_EQ(read_with({"--token="}), 2);
  EXPECT_EQ(err_.str(), "openseer worker: --token must not be empty\n");
}

TEST_F(ReadOptions, WhatIsNotAnOptionIsRefused) {
  EXPECT_EQ(read_with({"--nme", "x"}), 2);
  EXPECT_EQ(read_with({"stray"}), 2);
  EXPECT_EQ(read_with({"--name"}), 2);
  EXPECT_EQ(read_with({"--name", "a", "--name", "b"}), 2);
  EXPECT_EQ(err_.str(),
            "openseer worker: unknown option '--nme' (see openseer worker --help)\n"
            "openseer worker: unexpected argument 'stray'\n"
            "openseer worker: --name needs a value\n"
            "openseer worker: --name is given twice\n");
}

TEST_F(ReadOptions, ARequiredOptionIsMissed) {
  command_.options[1].required = true;
  EXPECT_EQ(read_with({}), 2);
  EXPECT_EQ(err_.str(), "openseer worker: --name or OPENSEER_NAME is required\n");
}

TEST_F(ReadOptions, ControlCharactersDoNotReachTheTerminal) {
  EXPECT_EQ(read_with({"--concurrency", "\033[2J"}), 2);
  EXPECT_THAT(err_.str(), Not(HasSubstr("\033")));
}

TEST_F(ReadOptions, DurationsNeedAUnitAndABound) {
  EXPECT_EQ(read_with({"--lease", "2m"}), std::nullopt);
  EXPECT_EQ(values_.lease, Seconds{120});
  for (const char* bad : {"15", "1s", "1h", "s", "-5s", "1500ms", "5 s", "99999999999999999d"}) {
    EXPECT_EQ(read_with({"--lease", bad}), 2) << bad;
  }
  EXPECT_THAT(err_.str(), HasSubstr("--lease must be a duration from 5s to 10m"));
}

TEST_F(ReadOptions, RetentionMayBeForever) {
  EXPECT_EQ(read_with({"--keep", "forever"}), std::nullopt);
  EXPECT_EQ(values_.keep, std::nullopt);
  EXPECT_EQ(read_with({"--keep", "1m"}), 2);
}

TEST_F(ReadOptions, AddressesAreNumeric) {
  EXPECT_EQ(read_with({"--address", "::1"}), std::nullopt);
  EXPECT_EQ(read_with({"--address", "localhost"}), 2);
}

TEST_F(ReadOptions, AListHasNoEmptyParts) {
  EXPECT_EQ(read_with({"--names", "x"}), std::nullopt);
  EXPECT_EQ(values_.names, std::vector<std::string>{"x"});
  EXPECT_EQ(read_with({"--names", "x,,y"}), 2);
  EXPECT_EQ(read_with({"--names", "x,"}), 2);
}

TEST_F(ReadOptions, HelpNamesEveryOptionItsVariableAndDefault) {
  EXPECT_EQ(read_with({"--concurrency", "x", "--help"}), 0);
  for (const Option& option : command_.options) EXPECT_THAT(out_.str(), HasSubstr("--" + option.name));
  EXPECT_THAT(out_.str(), HasSubstr("[OPENSEER_CONCURRENCY; default 200]"));
  EXPECT_EQ(err_.str(), "");
  std::istringstream lines(out_.str());
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U);
}

}  // namespace
}  // namespace openseer::options
