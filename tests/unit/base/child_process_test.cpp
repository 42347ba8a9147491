#include "base/child_process.h"

#include <filesystem>
#include <fstream>

#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "support/loop.h"

namespace openseer {
namespace {

ChildOptions shell(const std::string& script) {
  ChildOptions options;
  options.command = {"/bin/sh", "-c", script};
  return options;
}

TEST(ChildProcess, TellsHowItEnded) {
  test::Loop loop;
  ChildProcess exits(loop.executor(), shell("exit 3"));
  EXPECT_EQ(loop.run(exits.wait()).text(), "exit code 3");
  ChildProcess killed(loop.executor(), shell("kill -TERM $$"));
  EXPECT_EQ(loop.run(killed.wait()).text(), "killed by SIGTERM");
  ChildOptions missing;
  missing.command = {"/nonexistent"};
  ChildProcess absent(loop.executor(), missing);
  EXPECT_EQ(loop.run(absent.wait()).code, 127);
}

TEST(ChildProcess, AWaitHasADeadline) {
  test::Loop loop;
  ChildProcess sleeps(loop.executor(), shell("exec sleep 60"));
  EXPECT_EQ(loop.run(sleeps.wait(Milliseconds{20})), std::nullopt);
  EXPECT_TRUE(sleeps.running());
  sleeps.send(SIGTERM);
  EXPECT_EQ(loop.run(sleeps.wait()).signal, SIGTERM);
}

TEST(ChildProcess, OutputAndEnvironmentAreItsOwn) {
  test::Loop loop;
  const std::string path = testing::TempDir() + "child-output-" + std::to_string(getpid());
  ChildOptions options = shell("echo \"$GREETING\"; echo again >&2");
  options.environment = {{"GREETING", "hello"}};
  options.output = path;
  ChildProcess child(loop.executor(), options);
  loop.run(child.wait());
  std::ifstream file(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "hello\nagain\n");
  std::filesystem::remove(path);
}

TEST(ChildProcess, AnUnknownUserIsSaid) {
  test::Loop loop;
  ChildOptions options = shell("true");
  options.user = "no-such-user-here";
  EXPECT_THROW(ChildProcess(loop.executor(), options), std::system_error);
}

// A parent killed without warning takes its children along.
TEST(ChildProcess, DoesNotOutliveItsParent) {
  int report[2];
  ASSERT_EQ(pipe(report), 0);
  const pid_t parent = fork();
  if (parent == 0) {
    test::Loop loop;
    ChildProcess child(loop.executor(), shell("exec sleep 600"));
    // The pipe stays open for writing in both until both are gone.
    _exit(write(report[1], "s", 1) == 1 && pause() == 0 ? 0 : 1);
  }
  close(report[1]);
  char byte = 0;
  ASSERT_EQ(read(report[0], &byte, 1), 1);
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  EXPECT_EQ(read(report[0], &byte, 1), 0);
  close(report[0]);
}

}  // namespace
}  // namespace openseer
