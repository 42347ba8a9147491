#include "integration/cluster.h"

#include <fstream>
#include <random>
#include <stdexcept>

#include <sys/stat.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "integration/wait.h"
#include "openseer/v1/worker_service.pb.h"

namespace openseer::test {
namespace {

bool can_be_bound(std::uint16_t port) {
  using boost::asio::ip::tcp;
  boost::asio::io_context context;
  tcp::acceptor acceptor(context);
  boost::system::error_code error;
  acceptor.open(tcp::v4(), error);
  acceptor.bind({boost::asio::ip::address_v4::any(), port}, error);
  return !error;
}

void write_private(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path) << text << '\n';
  chmod(path.c_str(), 0600);
}

// Any key is as good as another here.
constexpr auto kSecretKey = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

}  // namespace

std::uint16_t free_port() {
  static std::mt19937 random(std::random_device{}());
  while (true) {
    const auto port = std::uniform_int_distribution<std::uint16_t>(15'000, 31'999)(random);
    if (can_be_bound(port)) return port;
  }
}

double metric(const std::string& exposition, const std::string& series) {
  const std::string line = "\n" + series + " ";
  const std::size_t at = ("\n" + exposition).find(line);
  return at == std::string::npos ? 0 : std::stod(exposition.substr(at + series.size() + 1));
}

ControlPlane::ControlPlane(std::string database_url, std::filesystem::path secret_file,
                           std::filesystem::path log, std::vector<std::string> arguments)
    : database_url_(std::move(database_url)),
      secret_file_(std::move(secret_file)),
      log_(std::move(log)),
      arguments_(std::move(arguments)) {
  if (!std::filesystem::exists(secret_file_)) write_private(secret_file_, kSecretKey);
}

void ControlPlane::start() {
  std::vector<std::string> arguments{"control-plane",
                                     "--http-port",
                                     std::to_string(http_port_),
                                     "--api-port",
                                     std::to_string(api_port_),
                                     "--worker-port",
                                     std::to_string(worker_port_),
                                     "--address",
                                     "127.0.0.1",
                                     "--secret-key-file",
                                     secret_file_};
  arguments.insert(arguments.end(), arguments_.begin(), arguments_.end());
  process_.reset();
  process_ = std::make_unique<Process>(openseer_command(std::move(arguments)), log_,
                                       Variables{{"DATABASE_URL", database_url_}});
}

bool ControlPlane::wait_ready(Milliseconds limit) {
  bool ready = false;
  eventually(
      [&] {
        ready = readyz().status == 200;
        return ready || !process_->running();
      },
      limit);
  return ready;
}

double ControlPlane::metric(const std::string& series) const {
  return test::metric(http_get(http_url() + "/metrics").body, series);
}

Cluster::Cluster(const ClusterOptions& options)
    : database_(options.database_url.empty() ? std::make_unique<TestDatabase>() : nullptr),
      database_url_(database_ ? database_->conninfo() : options.database_url),
      secret_file_(directory_.path() / "secret.key"),
      sql_(database_url_) {
  for (int i = 0; i < options.control_planes; ++i) {
    control_planes_.emplace_back(database_url_, secret_file_, new_path("control-plane.log"),
                                 options.control_plane_arguments);
    control_planes_.back().start();
  }
  for (ControlPlane& control_plane : control_planes_) {
    if (!control_plane.wait_ready()) {
      throw std::runtime_error("a control plane does not get ready: " + control_plane.readyz().body + "\n" +
                               control_plane.process().log());
    }
  }
  api_ = std::make_unique<ApiClient>(control_plane().api_url());
  api_->sign_up();
  for (int i = 0; i < options.workers; ++i) add_worker();
}

std::filesystem::path Cluster::new_path(const std::string& name) {
  return directory_.path() / (std::to_string(++names_) + "-" + name);
}

std::string Cluster::create_token(std::uint32_t uses, const std::string& region) {
  v1::CreateEnrollmentTokenRequest request;
  request.set_region(region);
  request.set_uses(uses);
  return api_->call<v1::CreateEnrollmentTokenResponse>("WorkerService/CreateEnrollmentToken", request)
      .secret();
}

std::vector<std::string> Cluster::worker_command(const ControlPlane& control_plane,
                                                 std::optional<std::uint16_t> worker_port,
                                                 const std::filesystem::path& data,
                                                 const std::vector<std::string>& arguments) {
  const std::uint16_t port = worker_port.value_or(control_plane.worker_port());
  std::vector<std::string> all{
      "worker",      "--server", control_plane.https_url(), "--stream", "localhost:" + std::to_string(port),
      "--state-dir", data,       "--allow-private"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return openseer_command(std::move(all));
}

std::size_t Cluster::add_worker(const WorkerStart& start) {
  const auto connected = static_cast<int>(workers_.size()) + 1;
  const std::size_t number = workers_.size();
  Worker& worker = workers_.emplace_back();
  worker.state = new_path("state");
  worker.command = worker_command(control_planes_.at(static_cast<std::size_t>(start.control_plane)),
                                  start.worker_port, worker.state, start.arguments);
  worker.log = new_path("worker.log");
  worker.process = std::make_unique<Process>(worker.command, worker.log,
                                             Variables{{"OPENSEER_ENROLL_TOKEN", create_token()}});
  if (!wait_workers_connected(connected))
    throw std::runtime_error("a worker does not connect: " + worker.process->log());
  worker.id = sql_.number("SELECT max(id) FROM app.workers");
  return number;
}

void Cluster::restart_worker(std::size_t i) {
  Worker& worker = workers_.at(i);
  worker.process.reset();
  worker.process = std::make_unique<Process>(worker.command, worker.log);
}

bool Cluster::wait_workers_connected(int count, Milliseconds limit) {
  const auto connected = [&] {
    double sum = 0;
    for (const ControlPlane& control_plane : control_planes_)
      sum += control_plane.metric("openseer_workers_connected");
    return static_cast<int>(sum) == count;
  };
  return eventually(connected, limit);
}

bool Cluster::wait_for_results(std::int64_t count, Milliseconds limit) {
  return eventually([&] { return results() >= count; }, limit);
}

}  // namespace openseer::test
