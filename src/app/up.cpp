#include "app/up.h"

#include <csignal>
#include <fstream>
#include <iostream>

#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "app/enrollment.h"
#include "app/probe_readiness.h"
#include "app/run_task.h"
#include "base/log.h"
#include "base/shutdown.h"
#include "pki/authority.h"
#include "pki/secret_box.h"
#include "store/migrations.h"
#include "store/workers.h"

namespace openseer::app {
namespace {

constexpr auto kRegion = "local";
// Also when its file has been replaced meanwhile.
constexpr auto kThisProgram = "/proc/self/exe";
constexpr Seconds kWorkerGrace{12};
constexpr Seconds kControlPlaneGrace{20};
constexpr Seconds kDatabaseGrace{30};
constexpr Seconds kReadyTime{60};

// The address by which this machine reaches what listens on `address`.
std::string reachable(const std::string& address) {
  if (address == "0.0.0.0") return "127.0.0.1";
  return address == "::" ? "::1" : address;
}

std::string in_url(const std::string& address) {
  if (address == "127.0.0.1" || address == "0.0.0.0" || address == "::1" || address == "::")
    return "localhost";
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

std::string read_whole(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

Up::Up(asio::io_context& context, UpOptions options)
    : context_(context),
      options_(std::move(options)),
      data_(options_.data_directory),
      lock_(data_, "lock"),
      tasks_(context.get_executor()),
      hangup_(context, SIGHUP),
      wake_(context, asio::steady_timer::time_point::max()) {}

Up::~Up() = default;

void Up::stop() {
  stopping_ = true;
  wake_.cancel();
}

asio::awaitable<int> Up::run() {
  // What a killed predecessor left there is not true any more.
  data_.remove("addresses");
  for (const Port& port : {options_.plane.http(), options_.plane.api(), options_.plane.workers()})
    check_free(port);
  listen_for_hangup();
  int code = 0;
  try {
    co_await start_everything();
  } catch (const std::exception& error) {
    log::error("cannot start", {{"error", error.what()}});
    code = 1;
    stopping_ = true;
  }
  while (!stopping_) {
    if (std::exchange(rescale_, false)) co_await scale_workers(workers_wanted());
    if (stopping_ || rescale_) continue;
    boost::system::error_code cancelled;
    co_await wake_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
  co_await stop_everything();
  log::info("stopped");
  co_return code;
}

asio::awaitable<void> Up::start_everything() {
  co_await start_database();
  if (stopping_) co_return;
  co_await migrate();
  if (stopping_) co_return;
  co_await start_control_plane();
  if (stopping_) co_return;
  co_await scale_workers(workers_wanted());
  if (!workers_.empty() && !co_await wait_for_worker() && !stopping_) {
    log::warning("no local worker is connected yet");
  }
  if (!stopping_) announce();
}

asio::awaitable<void> Up::start_database() {
  if (options_.database_url) {
    database_url_ = *options_.database_url;
  } else {
    database_lock_ = std::make_unique<DirectoryLock>(data_, "postgres.lock");
    cluster_ = std::make_unique<pg::PrivateCluster>(context_.get_executor(), data_.postgres());
    co_await cluster_->start();
    tasks_.spawn("database", watch_database());
    database_url_ = cluster_->database_url();
    data_.write("database-url", database_url_ + "\n", 0600);
    log::info("PostgreSQL is ready", {{"pid", cluster_->server_pid()}});
  }
  pool_ = std::make_unique<pg::Pool>(context_.get_executor(),
                                     pg::Pool::Options{.conninfo = database_url_, .connections = 2});
}

// Starts PostgreSQL again when it ends by itself.
asio::awaitable<void> Up::watch_database() {
  RestartDelay delay;
  while (!stopping_) {
    const Monotonic began = std::chrono::steady_clock::now();
    std::optional<ExitStatus> ended;
    while (!stopping_ && !ended) ended = co_await cluster_->wait(Milliseconds{200});
    if (stopping_) co_return;
    log::error("PostgreSQL ended and will be started again", {{"how", ended->text()}});
    const auto lived = std::chrono::steady_clock::now() - began;
    co_await pause(delay.after(std::chrono::duration_cast<Milliseconds>(lived)));
    try {
      if (!stopping_) co_await cluster_->start();
    } catch (const std::exception& error) {
      log::error("PostgreSQL does not start", {{"error", error.what()}});
    }
  }
}

// A database elsewhere may come later than this.
asio::awaitable<void> Up::migrate() {
  bool told = false;
  while (!stopping_) {
    try {
      const pg::Loan loan = co_await pool_->acquire();
      co_await store::migrate_up(*loan);
      co_return;
    } catch (const pg::Unavailable& error) {
      if (!told) log::warning("waiting for the database", {{"error", error.what()}});
      told = true;
    }
    co_await pause(Milliseconds{1'000});
  }
}

asio::awaitable<void> Up::start_control_plane() {
  data_.secret_key_file();
  control_plane_ = std::make_unique<SupervisedProcess>(context_.get_executor(), "control-plane",
                                                       [this] { return control_plane_command(); });
  control_plane_->start();
  const Monotonic deadline = std::chrono::steady_clock::now() + kReadyTime;
  while (!stopping_ && !co_await control_plane_answers()) {
    if (std::chrono::steady_clock::now() > deadline) {
      throw std::runtime_error("the control plane is not ready after a minute");
    }
    const std::optional<ExitStatus>& ended = control_plane_->last_exit();
    if (ended) throw std::runtime_error("the control plane did not start (" + ended->text() + ")");
    co_await pause(Milliseconds{30});
  }
}

asio::awaitable<ChildOptions> Up::control_plane_command() {
  ChildOptions options;
  options.program = kThisProgram;
  options.command = {"openseer", "control-plane"};
  for (const auto& [variable, value] : options_.plane_variables)
    options.environment.emplace_back(variable, value);
  options.environment.emplace_back("DATABASE_URL", database_url_);
  options.environment.emplace_back("OPENSEER_SECRET_KEY_FILE", data_.secret_key_file());
  co_return options;
}

asio::awaitable<bool> Up::control_plane_answers() {
  return is_ready(context_.get_executor(), reachable(options_.plane.http_address), options_.plane.http_port);
}

asio::awaitable<ChildOptions> Up::worker_command(int number) {
  const std::filesystem::path state = data_.worker(number);
  ChildOptions options;
  options.program = kThisProgram;
  options.command = {"openseer", "worker"};
  const std::string host = in_url(options_.plane.address);
  options.environment = {
      {"OPENSEER_SERVER", "https://" + host + ":" + std::to_string(options_.plane.api_port)},
      {"OPENSEER_STREAM_ADDRESS", host + ":" + std::to_string(options_.plane.worker_port)},
      {"OPENSEER_WORKER_NAME", std::string(kRegion) + "-" + std::to_string(number)},
      {"OPENSEER_STATE_DIR", state},
      // One's own machine may look at its own services.
      {"OPENSEER_ALLOW_PRIVATE", "true"},
      {"OPENSEER_LOG_LEVEL", options_.plane_variables["OPENSEER_LOG_LEVEL"]},
      {"OPENSEER_LOG_FORMAT", options_.plane_variables["OPENSEER_LOG_FORMAT"]}};
  const std::optional<Instant> expiry = pki::not_after(read_whole(state / "identity.pem"));
  if (!expiry || *expiry < std::chrono::system_clock::now()) {
    const pki::SecretBox secrets = pki::SecretBox::from_hex(data_.read("secret.key"));
    std::string token = co_await make_enrollment_token(*pool_, secrets, kRegion, 1, std::chrono::minutes{10});
    options.environment.emplace_back("OPENSEER_ENROLL_TOKEN", std::move(token));
  }
  co_return options;
}

// So that the first check does not wait for the worker to enrol.
asio::awaitable<bool> Up::wait_for_worker() {
  const Monotonic deadline = std::chrono::steady_clock::now() + Seconds{20};
  while (!stopping_ && std::chrono::steady_clock::now() < deadline) {
    try {
      for (const store::Worker& worker : co_await store::list_workers(*pool_)) {
        if (worker.online && worker.region == kRegion) co_return true;
      }
    } catch (const pg::Error& error) {
      log::warning("cannot look for workers", {{"error", error.what()}});
    }
    co_await pause(Milliseconds{50});
  }
  co_return false;
}

asio::awaitable<void> Up::scale_workers(int wanted) {
  while (static_cast<int>(workers_.size()) < wanted) {
    const int number = static_cast<int>(workers_.size()) + 1;
    workers_.push_back(
        std::make_unique<SupervisedProcess>(context_.get_executor(), "worker-" + std::to_string(number),
                                            [this, number] { return worker_command(number); }));
    workers_.back()->start();
  }
  while (static_cast<int>(workers_.size()) > wanted) {
    co_await workers_.back()->stop(kWorkerGrace);
    workers_.pop_back();
  }
  log::info("local workers", {{"count", wanted}});
}

int Up::workers_wanted() const {
  const std::string text = data_.read("workers");
  int wanted = options_.workers;
  if (text.empty()) return wanted;
  if (const auto problem = options::integer(wanted, 0, kMostWorkers)(text)) {
    log::warning("the file workers " + *problem, {{"got", text}});
  }
  return wanted;
}

void Up::announce() {
  const ControlPlaneOptions& plane = options_.plane;
  const std::string text = "web UI       http://" + in_url(plane.http_address) + ":" +
                           std::to_string(plane.http_port) + "\nAPI          https://" +
                           in_url(plane.address) + ":" + std::to_string(plane.api_port) + "\nworker port  " +
                           std::to_string(plane.worker_port) + "\n";
  data_.write("addresses", text, 0644);
  log::info("ready",
            {{"web_ui", "http://" + in_url(plane.http_address) + ":" + std::to_string(plane.http_port)}});
}

// SIGHUP means "read the settings again", except from a terminal that goes away.
void Up::listen_for_hangup() {
  hangup_.async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;
    if (isatty(STDIN_FILENO) != 0) return stop();
    rescale_ = true;
    wake_.cancel();
    listen_for_hangup();
  });
}

// Each while what it needs still runs: workers hand in their results, the
// control plane commits them, PostgreSQL writes them down.
asio::awaitable<void> Up::stop_everything() {
  stopping_ = true;
  hangup_.cancel();
  data_.remove("addresses");
  TaskGroup stopping(context_.get_executor());
  for (const auto& worker : workers_) stopping.spawn(worker->name(), worker->stop(kWorkerGrace));
  co_await stopping.join();
  if (control_plane_) co_await control_plane_->stop(kControlPlaneGrace);
  co_await tasks_.join();
  pool_.reset();
  if (cluster_) {
    data_.remove("database-url");
    co_await cluster_->stop(kDatabaseGrace);
  }
}

asio::awaitable<void> Up::pause(Milliseconds time) {
  asio::steady_timer timer(context_, time);
  co_await timer.async_wait(asio::use_awaitable);
}

int up_command(const Arguments& arguments) {
  UpOptions o;
  if (const auto exit = read_up_options(o, arguments)) return *exit;
  start_log(o.plane.log, "up");
  asio::io_context context(1);
  Up up(context, std::move(o));
  Shutdown shutdown(context.get_executor(), [&up] { up.stop(); });
  return run_task(context, up.run());
}

}  // namespace openseer::app
