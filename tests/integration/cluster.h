#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "integration/api_client.h"
#include "integration/process.h"
#include "integration/sql.h"
#include "support/postgres.h"

namespace openseer::test {

// A port of loopback that was free a moment ago, from below the range that
// outgoing connections take theirs from.
std::uint16_t free_port();

// The value of a series in a Prometheus exposition ("name" or "name{label=...}");
// 0 when it is not there.
double metric(const std::string& exposition, const std::string& series);

// One `openseer control-plane` with ports of its own, which survive its restarts.
class ControlPlane {
 public:
  // Runs on the database with the instance's secret in `secret_file`.
  ControlPlane(std::string database_url, std::filesystem::path secret_file, std::filesystem::path log,
               std::vector<std::string> arguments);

  void start();
  Process& process() { return *process_; }
  // "http://localhost:3000", and the API below it.
  std::string http_url() const { return "http://localhost:" + std::to_string(http_port_); }
  std::string api_url() const { return http_url() + "/api"; }
  // "https://localhost:8082"
  std::string https_url() const { return "https://localhost:" + std::to_string(api_port_); }
  std::uint16_t worker_port() const { return worker_port_; }

  HttpAnswer readyz() const { return http_get(http_url() + "/readyz", Seconds{5}); }
  bool wait_ready(Milliseconds limit = Seconds{20});
  double metric(const std::string& series) const;

 private:
  std::string database_url_;
  std::filesystem::path secret_file_;
  std::filesystem::path log_;
  std::vector<std::string> arguments_;
  std::uint16_t http_port_ = free_port();
  std::uint16_t api_port_ = free_port();
  std::uint16_t worker_port_ = free_port();
  std::unique_ptr<Process> process_;
};

struct ClusterOptions {
  int control_planes = 1;
  int workers = 1;
  std::string database_url;                          // empty: a database of its own
  std::vector<std::string> control_plane_arguments;  // {"--lease", "5s"}
};

struct WorkerStart {
  int control_plane = 0;                          // which one enrols it
  std::optional<std::uint16_t> worker_port = {};  // of something in between
  std::vector<std::string> arguments = {};
};

// Control planes and workers on one database, and a client of the first. As
// made, it is ready and its workers are connected.
class Cluster {
 public:
  explicit Cluster(const ClusterOptions& options = {});

  ControlPlane& control_plane(std::size_t i = 0) { return control_planes_.at(i); }
  // Of the first control plane, signed in as the owner.
  ApiClient& api() { return *api_; }
  Sql& sql() { return sql_; }
  const std::string& database_url() const { return database_url_; }
  const std::filesystem::path& secret_file() const { return secret_file_; }

  // Enrols and starts another worker and waits until it is connected; its number.
  std::size_t add_worker(const WorkerStart& start = {});
  // Starts the worker's program again, with its data.
  void restart_worker(std::size_t i);
  Process& worker(std::size_t i = 0) { return *workers_.at(i).process; }
  // Where it keeps its certificate.
  const std::filesystem::path& worker_state(std::size_t i = 0) const { return workers_.at(i).state; }
  // As the database knows it.
  std::int64_t worker_id(std::size_t i = 0) const { return workers_.at(i).id; }
  bool wait_workers_connected(int count, Milliseconds limit = Seconds{15});

  // What CreateEnrollmentToken gives.
  std::string create_token(std::uint32_t uses = 1, const std::string& region = "global");
  // A new name in the cluster's directory.
  std::filesystem::path new_path(const std::string& name);
  // The command line of a worker.
  static std::vector<std::string> worker_command(const ControlPlane& control_plane,
                                                 std::optional<std::uint16_t> worker_port,
                                                 const std::filesystem::path& data,
                                                 const std::vector<std::string>& arguments);

  std::int64_t results() { return sql_.number("SELECT count(*) FROM ts.results_raw"); }
  bool wait_for_results(std::int64_t count, Milliseconds limit);

 private:
  struct Worker {
    std::vector<std::string> command;
    std::filesystem::path state;
    std::filesystem::path log;
    std::int64_t id = 0;
    std::unique_ptr<Process> process;
  };

  TemporaryDirectory directory_;
  std::unique_ptr<TestDatabase> database_;
  std::string database_url_;
  std::filesystem::path secret_file_;
  Sql sql_;
  std::deque<ControlPlane> control_planes_;
  std::deque<Worker> workers_;
  std::unique_ptr<ApiClient> api_;
  int names_ = 0;
};

}  // namespace openseer::test
