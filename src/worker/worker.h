#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace openseer::worker {

struct WorkerOptions {
  std::string server = "https://localhost:8082";  // the API, for enrolment
  std::string stream_address;                     // host:port; empty: server's host, port 8081
  std::string token;                              // only before the first enrolment
  std::string name;                               // what people call it; empty: the host's name
  std::string state_directory;
  int concurrency = 500;
  bool allow_private = false;       // may probe loopback and private ranges
  int loops = 0;                    // threads that probe; 0: one for each core
  bool verify_every_chain = false;  // also of certificates that were found good within the hour
  std::string ca_file;              // anchors for targets' certificates; empty: the system's
  std::size_t spool_limit = 50'000;
};

// A worker: enrols once, then runs leased checks until it is told to stop.
// Owned by app; run() gives its thread to the worker's event loop.
class Worker {
 public:
  explicit Worker(WorkerOptions options);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // The process's exit code: 0 after stop(); 1, with a line in the log that says
  // why, when it can never work (refused, revoked, no state and no token).
  int run();
  // From any thread (not from a signal handler). The first time it lets running
  // checks end and has their results acknowledged; the second time run()
  // returns 1 at once.
  void stop();
  // Registered with a control plane now. Any thread.
  bool connected() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// "host:port" of the worker stream for the options; empty when `server` is not
// an https URL with a host.
std::string stream_address(const WorkerOptions& options);

}  // namespace openseer::worker
