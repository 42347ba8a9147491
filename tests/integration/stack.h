#pragma once

#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "integration/cluster.h"
#include "integration/wait.h"

namespace openseer::test {

// One data directory, and `openseer up` on it.
class Stack {
 public:
  // In a directory of its own, removed with the object, or in one that is there.
  Stack() = default;
  explicit Stack(std::string data) : data_(std::move(data)) {}

  std::vector<std::string> command() const {
    return openseer_command({"up", "--data-dir", data(), "--http-port", std::to_string(http_port_),
                             "--api-port", std::to_string(api_port_), "--worker-port",
                             std::to_string(worker_port_), "--lease", "5s"});
  }
  void start() {
    process_ = std::make_unique<Process>(command(), directory_.path() / ("log" + std::to_string(++starts_)),
                                         Variables{});
  }
  bool wait_ready() {
    const auto ready = [&] { return http_get(url() + "/readyz", Seconds{2}).status == 200; };
    return eventually([&] { return ready() || !process_->running(); }, Seconds{40}) && ready();
  }
  Process& process() { return *process_; }
  std::string url() const { return "http://localhost:" + std::to_string(http_port_); }
  std::string data() const { return data_; }
  std::uint16_t http_port() const { return http_port_; }
  Sql sql() const {
    std::ifstream file(data() + "/database-url");
    std::string url;
    std::getline(file, url);
    return Sql(url);
  }

 private:
  TemporaryDirectory directory_;
  std::string data_ = directory_.path() / "data";
  std::uint16_t http_port_ = free_port();
  std::uint16_t api_port_ = free_port();
  std::uint16_t worker_port_ = free_port();
  int starts_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace openseer::test
