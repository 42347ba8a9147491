#include "base/metrics.h"

#include <cstdio>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace openseer::metrics {
namespace {

TEST(Metrics, CountersKeepTheirSeriesByLabels) {
  Registry registry;
  registry.counter("openseer_results_total", "Results.", {{"acceptance", "accepted"}}).add(3);
  registry.counter("openseer_results_total", "Results.", {{"acceptance", "fenced"}}).add();
  registry.counter("openseer_results_total", "Results.", {{"acceptance", "accepted"}}).add(2);
  EXPECT_EQ(registry.expose(),
            "# HELP openseer_results_total Results.\n"
            "# TYPE openseer_results_total counter\n"
            "openseer_results_total{acceptance=\"accepted\"} 5\n"
            "openseer_results_total{acceptance=\"fenced\"} 1\n");
}

TEST(Metrics, GaugesAreReadWhenAsked) {
  Registry registry;
  double value = 1;
  registry.gauge("openseer_workers", "Workers.", [&value] { return value; });
  value = 2.5;
  EXPECT_THAT(registry.expose(), testing::HasSubstr("openseer_workers 2.5\n"));
}

TEST(Metrics, HistogramBucketsAreCumulative) {
  Registry registry;
  Histogram& histogram = registry.histogram("openseer_commit_seconds", "Commits.", {0.1, 1});
  histogram.observe(0.1);
  histogram.observe(0.5);
  histogram.observe(7);
  EXPECT_EQ(registry.expose(),
            "# HELP openseer_commit_seconds Commits.\n"
            "# TYPE openseer_commit_seconds histogram\n"
            "openseer_commit_seconds_bucket{le=\"0.1\"} 1\n"
            "openseer_commit_seconds_bucket{le=\"1\"} 2\n"
            "openseer_commit_seconds_bucket{le=\"+Inf\"} 3\n"
            "openseer_commit_seconds_sum 7.6\n"
            "openseer_commit_seconds_count 3\n");
}

TEST(Metrics, LabelValuesAndHelpAreEscaped) {
  Registry registry;
  registry.counter("openseer_x_total", "a\\b\nc", {{"name", "say \"hi\"\n\\"}}).add();
  EXPECT_EQ(registry.expose(),
            "# HELP openseer_x_total a\\\\b\\nc\n"
            "# TYPE openseer_x_total counter\n"
            "openseer_x_total{name=\"say \\\"hi\\\"\\n\\\\\"} 1\n");
}

TEST(Metrics, CountsFromSeveralThreadsAddUp) {
  Registry registry;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&registry] {
      for (int n = 0; n < 1000; ++n) {
        registry.counter("openseer_n_total", "N.").add();
        registry.histogram("openseer_n_seconds", "N.", {1}).observe(0.5);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(registry.counter("openseer_n_total", "N.").value(), 4000U);
  EXPECT_EQ(registry.histogram("openseer_n_seconds", "N.", {1}).snapshot().cumulative.back(), 4000U);
}

TEST(Metrics, ABadNameIsABug) {
  Registry registry;
  EXPECT_DEATH(registry.counter("openseer_results", "Results."), "_total");
  EXPECT_DEATH(registry.counter("other_results_total", "Results."), "no name");
  registry.gauge("openseer_workers", "Workers.", [] { return 0.0; });
  EXPECT_DEATH(registry.histogram("openseer_workers", "Workers.", {1}), "another kind");
}

TEST(Metrics, PromtoolAcceptsTheExposition) {
  if (std::system("command -v promtool >/dev/null") != 0)
    GTEST_SKIP() << "promtool (package prometheus) is not here";
  Registry registry;
  registry.counter("openseer_results_total", "Results.", {{"acceptance", "a\"b"}}).add();
  registry.gauge("openseer_workers", "Workers connected.", [] { return 1.0; });
  registry.histogram("openseer_commit_seconds", "Commits.", seconds_buckets()).observe(0.02);
  std::FILE* promtool = popen("promtool check metrics", "w");
  ASSERT_NE(promtool, nullptr);
  std::fputs(registry.expose().c_str(), promtool);
  EXPECT_EQ(pclose(promtool), 0);
}

}  // namespace
}  // namespace openseer::metrics
