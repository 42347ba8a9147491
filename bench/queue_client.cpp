// The baseline of lease + commit + result: a hand-written, blocking libpq client
// that runs the product's statements and does nothing else. What the control
// plane, gRPC and gathering cost is the difference.
//
// usage: bench_queue_client CONNINFO REGION_ID WORKER_ID [--batch N] [--connections N] [--results N]
//
// Prints one JSON object a second: seconds, results committed.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include <libpq-fe.h>

#include "pg/statement.h"
#include "pg/value.h"
#include "store/jobs.h"

namespace openseer {
namespace {

std::atomic<std::uint64_t> committed = 0;
std::atomic<bool> done = false;

struct Settings {
  std::string conninfo;
  std::int16_t region = 0;
  std::int32_t worker = 0;
  std::size_t batch = 500;
  std::size_t connections = 2;
  std::uint64_t results = 1'000'000;
};

const pg::Statement& statement(const char* name) {
  for (const pg::Statement* one : pg::Statement::all())
    if (std::strcmp(one->name(), name) == 0) return *one;
  std::cerr << "no statement " << name << '\n';
  std::exit(1);
}

class Client {
 public:
  explicit Client(const Settings& settings) : settings_(settings) {
    const std::string options =
        settings.conninfo + "&options=-c%20plan_cache_mode%3Dforce_generic_plan%20-c%20jit%3Doff";
    connection_ = PQconnectdb(options.c_str());
    if (PQstatus(connection_) != CONNECTION_OK) fail();
  }
  ~Client() { PQfinish(connection_); }

  void run() {
    while (!done) {
      const std::vector<domain::Lease> leases = lease();
      if (leases.empty()) return;
      commit(leases);
      committed += leases.size();
    }
  }

 private:
  [[noreturn]] void fail() {
    std::cerr << PQerrorMessage(connection_);
    std::exit(1);
  }

  PGresult* execute(const char* name, const pg::Params& params) {
    std::vector<const char*> values;
    std::vector<int> lengths, formats(params.size(), 1);
    std::vector<Oid> types;
    for (const pg::Param& p : params) {
      types.push_back(p.type);
      values.push_back(p.value ? p.value->data() : nullptr);
      lengths.push_back(p.value ? static_cast<int>(p.value->size()) : 0);
    }
    const int count = static_cast<int>(params.size());
    if (std::find(prepared_.begin(), prepared_.end(), name) == prepared_.end()) {
      PQclear(PQprepare(connection_, name, statement(name).sql(), count, types.data()));
      prepared_.emplace_back(name);
    }
    PGresult* result =
        PQexecPrepared(connection_, name, count, values.data(), lengths.data(), formats.data(), 1);
    const ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) fail();
    return result;
  }

  static std::int64_t bigint(const PGresult* result, int row, int column) {
    return pg::Codec<std::int64_t>::decode({PQgetvalue(result, row, column), 8});
  }

  std::vector<domain::Lease> lease() {
    const std::vector<std::int16_t> regions{settings_.region}, lanes{0};
    const std::vector<std::int32_t> most{static_cast<std::int32_t>(settings_.batch)},
        workers{settings_.worker};
    PGresult* rows =
        execute("jobs_lease",
                pg::bind(regions, lanes, most, workers, workers, settings_.worker, Milliseconds{15'000},
                         Milliseconds{100}, store::kEverything, static_cast<std::int64_t>(settings_.batch)));
    std::vector<domain::Lease> leases;
    for (int i = 0; i < PQntuples(rows); ++i)
      leases.push_back(
          {bigint(rows, i, 0), bigint(rows, i, 1), pg::Codec<Instant>::decode({PQgetvalue(rows, i, 2), 8})});
    PQclear(rows);
    std::sort(leases.begin(), leases.end(), [](const auto& a, const auto& b) { return a.job_id < b.job_id; });
    return leases;
  }

  void commit(const std::vector<domain::Lease>& leases) {
    const std::size_t n = leases.size();
    std::vector<std::int64_t> jobs, fences;
    std::vector<Instant> slots;
    std::vector<std::optional<Instant>> expires;
    for (const domain::Lease& lease : leases) {
      jobs.push_back(lease.job_id);
      fences.push_back(lease.fence);
      slots.push_back(lease.slot);
      expires.emplace_back(lease.slot + std::chrono::hours{24 * 40});
    }
    const auto all = [n](auto value) { return std::vector<decltype(value)>(n, value); };
    PQclear(PQexec(connection_, "BEGIN"));
    PQclear(execute(
        "jobs_commit",
        pg::bind(jobs, fences, slots, all(settings_.worker), all(std::int32_t{0}), all(std::int16_t{1}),
                 all(std::int16_t{0}), all(std::int16_t{200}), all(std::int16_t{2}), all(std::int32_t{150}),
                 all(std::int32_t{9'000}), all(std::int32_t{21'000}), all(std::int32_t{40'000}),
                 all(std::int32_t{300}), all(std::int32_t{70'450}), all(std::int32_t{5'120}), expires,
                 all(std::optional<std::string>{"203.0.113.7"}), all(std::string()))));
    // One monitor a job here, with the same number.
    PQclear(execute("monitor_current_touch", pg::bind(jobs, jobs, slots)));
    PQclear(PQexec(connection_, "COMMIT"));
  }

  const Settings& settings_;
  PGconn* connection_ = nullptr;
  std::vector<std::string> prepared_;
};

int run(const Settings& settings) {
  std::vector<std::thread> threads;
  std::atomic<std::size_t> running = settings.connections;
  for (std::size_t i = 0; i < settings.connections; ++i) {
    threads.emplace_back([&settings, &running] {
      Client(settings).run();
      --running;
    });
  }
  const auto began = std::chrono::steady_clock::now();
  while (running > 0 && !done) {
    std::this_thread::sleep_for(Seconds{1});
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - began;
    std::cout << "{\"seconds\": " << passed.count() << ", \"accepted\": " << committed << ", \"refused\": 0}"
              << std::endl;
    if (committed >= settings.results) done = true;
  }
  for (std::thread& thread : threads) thread.join();
  return 0;
}

}  // namespace
}  // namespace openseer

int main(int argc, char** argv) {
  // Links the files that define the statements.
  auto* volatile leases = &openseer::store::database_time;
  auto* volatile commits = &openseer::store::commit_results;
  static_cast<void>(leases);
  static_cast<void>(commits);
  if (argc < 4 || argc % 2 != 0) {
    std::cerr << "usage: bench_queue_client CONNINFO REGION_ID WORKER_ID [--batch N] [--connections N] "
                 "[--results N]\n";
    return 2;
  }
  openseer::Settings settings;
  settings.conninfo = argv[1];
  settings.region = static_cast<std::int16_t>(std::atoi(argv[2]));
  settings.worker = std::atoi(argv[3]);
  for (int i = 4; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    const auto value = std::strtoull(argv[i + 1], nullptr, 10);
    if (name == "--batch") settings.batch = value;
    if (name == "--connections") settings.connections = value;
    if (name == "--results") settings.results = value;
  }
  return openseer::run(settings);
}
