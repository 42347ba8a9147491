// The probe's engine in this process, on one loop: what a check costs.
// usage: bench_probe_client URL COUNT [keep] [verify-every-chain] [ca=FILE]
//        bench_probe_client URL COUNT hold [ca=FILE]
// The first prints checks per second of wall time and the CPU time of each, 64 at
// once. With hold, COUNT checks wait for a target that does not answer: it prints the
// memory of each, the process's own growth.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string_view>

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "probe/probe.h"

namespace {

using namespace openseer;

constexpr int kAtOnce = 64;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double resident_bytes() {
  std::ifstream file("/proc/self/statm");
  double size = 0;
  double resident = 0;
  file >> size >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

struct Wishes {
  std::shared_ptr<domain::MonitorSpec> spec = std::make_shared<domain::MonitorSpec>();
  probe::Options options;
  int count = 0;
  bool hold = false;
};

class Bench {
 public:
  explicit Bench(Wishes wishes)
      : wishes_(std::move(wishes)), prober_(context_.get_executor(), wishes_.options) {}

  int measure() {
    run(kAtOnce);  // what is made once is made
    const double cpu_before = cpu_seconds();
    const auto begin = std::chrono::steady_clock::now();
    run(wishes_.count);
    const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::printf("%.0f %.2f\n", wishes_.count / wall, (cpu_seconds() - cpu_before) * 1e6 / wishes_.count);
    return 0;
  }

  // The first checks warm up what all share.
  int hold() {
    wishes_.spec->timeout = Seconds{120};
    wait_for(100);
    const double before = resident_bytes();
    wait_for(wishes_.count);
    std::printf("%.0f\n", (resident_bytes() - before) / wishes_.count);
    std::fflush(stdout);
    std::_Exit(0);
  }

 private:
  void run(int total) {
    left_ = total;
    to_start_ = total;
    for (int i = 0; i < kAtOnce && to_start_ > 0; ++i) start();
    context_.restart();
    context_.run();
  }

  void start() {
    --to_start_;
    prober_.start(wishes_.spec, [this](domain::Measurement measurement) {
      if (measurement.reason != domain::Reason::kNone) {
        std::fprintf(stderr, "%s\n", measurement.message.c_str());
        std::_Exit(1);
      }
      if (--left_ == 0) return context_.stop();
      if (to_start_ > 0) start();
    });
  }

  // Begun in groups, so that the target's backlog takes them; then all wait.
  void wait_for(int count) {
    for (int i = 0; i < count; ++i) {
      prober_.start(wishes_.spec, [](const domain::Measurement& measurement) {
        std::fprintf(stderr, "ended: %s\n", measurement.message.c_str());
        std::_Exit(1);
      });
      if (i % 100 == 99) settle(Milliseconds{100});
    }
    settle(Seconds{2});
  }
  void settle(Milliseconds time) {
    context_.restart();
    context_.run_for(time);
  }

  Wishes wishes_;
  boost::asio::io_context context_{1};
  probe::Prober prober_;
  int left_ = 0;
  int to_start_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr,
                 "usage: bench_probe_client URL COUNT [keep | hold] [verify-every-chain] [ca=FILE]\n");
    return 2;
  }
  rlimit descriptors{};
  getrlimit(RLIMIT_NOFILE, &descriptors);
  descriptors.rlim_cur = descriptors.rlim_max;
  setrlimit(RLIMIT_NOFILE, &descriptors);
  Wishes wishes;
  wishes.spec->url = argv[1];
  wishes.count = std::atoi(argv[2]);
  wishes.options.egress.allow_private = true;
  for (int i = 3; i < argc; ++i) {
    const std::string_view wish = argv[i];
    if (wish == "keep") wishes.spec->reuse_connection = true;
    if (wish == "hold") wishes.hold = true;
    if (wish == "verify-every-chain") wishes.options.cache_chains = false;
    if (wish.starts_with("ca=")) wishes.options.ca_file = wish.substr(3);
  }
  const bool hold = wishes.hold;
  Bench bench(std::move(wishes));
  return hold ? bench.hold() : bench.measure();
}
