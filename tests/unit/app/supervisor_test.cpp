#include "app/supervisor.h"

#include <csignal>

#include <gtest/gtest.h>

#include "support/loop.h"

namespace openseer::app {
namespace {

TEST(RestartDelay, GrowsFromNothingToABoundAndForgetsAfterAHealthyLife) {
  RestartDelay delay;
  const Milliseconds crashed{100};
  EXPECT_EQ(delay.after(crashed), Milliseconds{0});
  EXPECT_EQ(delay.after(crashed), RestartDelay::kFirst);
  EXPECT_EQ(delay.after(crashed), 2 * RestartDelay::kFirst);
  for (int i = 0; i < 20; ++i) delay.after(crashed);
  EXPECT_EQ(delay.after(crashed), RestartDelay::kLongest);
  EXPECT_EQ(delay.after(RestartDelay::kHealthy), Milliseconds{0});
  EXPECT_EQ(delay.after(crashed), RestartDelay::kFirst);
}

class SupervisedProcessTest : public testing::Test {
 protected:
  SupervisedProcess::Command shell(std::string script) {
    return [this, script = std::move(script)] { return command(script); };
  }
  asio::awaitable<ChildOptions> command(std::string script) {
    ++starts_;
    ChildOptions options;
    options.command = {"/bin/sh", "-c", script};
    co_return options;
  }
  asio::awaitable<ChildOptions> fail() {
    ++starts_;
    throw std::runtime_error("no token");
    co_return ChildOptions{};
  }

  test::Loop loop_;
  int starts_ = 0;
};

TEST_F(SupervisedProcessTest, AKilledProcessIsStartedAgain) {
  SupervisedProcess process(loop_.executor(), "sleeper", shell("exec sleep 600"));
  process.start();
  ASSERT_TRUE(loop_.run_until([&] { return process.pid() != 0; }));
  const pid_t first = process.pid();
  kill(first, SIGKILL);
  ASSERT_TRUE(loop_.run_until([&] { return process.pid() != 0 && process.pid() != first; }));
  EXPECT_EQ(process.last_exit()->signal, SIGKILL);
  loop_.run(process.stop(Seconds{5}));
  EXPECT_EQ(process.pid(), 0);
  EXPECT_EQ(starts_, 2);
}

TEST_F(SupervisedProcessTest, AFailedStartIsTriedAgain) {
  SupervisedProcess process(loop_.executor(), "never", [this] { return fail(); });
  process.start();
  EXPECT_TRUE(loop_.run_until([&] { return starts_ == 3; }));
  loop_.run(process.stop(Seconds{5}));
}

TEST_F(SupervisedProcessTest, StoppingDuringThePauseEndsIt) {
  SupervisedProcess process(loop_.executor(), "short", shell("exit 1"));
  process.start();
  ASSERT_TRUE(loop_.run_until([&] { return starts_ == 4 && process.pid() == 0; }));
  loop_.run(process.stop(Seconds{5}), Seconds{1});
  EXPECT_EQ(starts_, 4);
}

TEST_F(SupervisedProcessTest, OneThatIgnoresSigtermIsKilled) {
  SupervisedProcess process(loop_.executor(), "deaf", shell("trap '' TERM; while :; do sleep 0.01; done"));
  process.start();
  ASSERT_TRUE(loop_.run_until([&] { return process.pid() != 0; }));
  loop_.run(process.stop(Milliseconds{300}));
  EXPECT_NE(process.last_exit()->signal, 0);
}

}  // namespace
}  // namespace openseer::app
