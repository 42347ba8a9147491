#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

// What the process tells about itself, in the Prometheus text exposition
// format, version 0.0.4. Names follow Prometheus' own rules: openseer_ first,
// base units (seconds, bytes), counters end in _total.
//
//   static auto& committed = metrics::process().counter("openseer_results_total", "Results, by acceptance.",
//                                                       {{"acceptance", "accepted"}});
//   committed.add();
namespace openseer::metrics {

using Labels = std::vector<std::pair<std::string, std::string>>;

// Only grows. Any thread.
class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// Counts observations by upper bound. Any thread.
class Histogram {
 public:
  explicit Histogram(std::vector<double> bounds);  // ascending, without infinity
  void observe(double value);

  struct Snapshot {
    std::vector<std::uint64_t> cumulative;  // one per bound, then all
    double sum = 0;
  };
  Snapshot snapshot() const;
  const std::vector<double>& bounds() const { return bounds_; }

 private:
  std::vector<double> bounds_;
  std::deque<std::atomic<std::uint64_t>> counts_;
  std::atomic<double> sum_{0};
};

// Owns its metrics for its whole life; asking again for the same name and
// labels gives the same one. Aborts on a name that Prometheus would refuse, or
// one that is already of another kind: both are bugs.
class Registry {
 public:
  Counter& counter(const std::string& name, const std::string& help, Labels labels = {});
  Histogram& histogram(const std::string& name, const std::string& help, std::vector<double> bounds,
                       Labels labels = {});
  // `read` is called by expose(), on its thread. Replaces an earlier one.
  void gauge(const std::string& name, const std::string& help, std::function<double()> read,
             Labels labels = {});

  std::string expose() const;

 private:
  enum class Kind { kCounter, kGauge, kHistogram };
  struct Series {
    std::unique_ptr<Counter> counter;
    std::unique_ptr<Histogram> histogram;
    std::function<double()> gauge;
  };
  struct Family {
    Kind kind;
    std::string help;
    std::map<std::string, Series> series;  // by rendered labels
  };
  Family& family(const std::string& name, const std::string& help, Kind kind);

  mutable std::mutex mutex_;
  std::map<std::string, Family> families_;
};

// The process's own, which /metrics shows.
Registry& process();

// For durations of requests, leases and commits, in seconds.
std::vector<double> seconds_buckets();
// For sizes of batches.
std::vector<double> size_buckets();

}  // namespace openseer::metrics
