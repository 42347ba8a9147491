// Writes monitors with months of history into a migrated database, as the product
// would have left it: results, gaps, epochs and rollups that agree with each other to
// the slot. Everything follows from the seed, the names and the time.
//
//   bench_seed_history --database-url URL --workspace ID --monitors 10000 [--seed 1]
//     [--days 90] [--raw-days 7] [--hour-days 90] [--regions eu-central,us-east,ap-south]
//
// Latencies are log-normal around a level of the monitor and the region, with a daily
// wave; there are single failures, outages that hit all regions, and stretches that no
// worker took. Intervals: 2 % of the monitors 60 s, 18 % 300 s, the others 900 s.

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>

#include "bench/copy_stream.h"
#include "bench/history_writer.h"
#include "domain/slots.h"

namespace openseer::bench {
namespace {

struct Options {
  std::string url, workspace = "1", regions = "eu-central,us-east,ap-south";
  std::int64_t monitors = 1000, seed = 1, days = 90, raw_days = 7, hour_days = 90;
};

class Seeder {
 public:
  explicit Seeder(const Options& o)
      : o_(o), database_(o.url), world_(static_cast<std::uint64_t>(o.seed), read_now()) {}

  void run() {
    make_monitors();
    HistoryWriter writer(database_, o_.url, world_, {history_from(), hours_from(), raw_from()}, worker_);
    writer.make_partitions();
    writer.write(jobs_);
    write_present();
    writer.write_progress();
    std::cerr << "analysing\n";
    database_.run("ANALYZE");
  }

 private:
  std::int64_t read_now() {
    return std::stoll(
        database_.run("SELECT (extract(epoch FROM date_trunc('second', now())) * 1000000)::bigint")[0]);
  }
  std::int64_t floor_day(std::int64_t us) const { return us / kDay * kDay; }
  std::int64_t raw_from() const { return floor_day(world_.now() - o_.raw_days * kDay); }
  std::int64_t hours_from() const {
    return floor_day(world_.now() - std::max(o_.hour_days, o_.raw_days) * kDay);
  }
  std::int64_t history_from() const { return floor_day(world_.now() - o_.days * kDay); }

  void make_monitors() {
    std::cerr << "monitors\n";
    std::stringstream names(o_.regions);
    std::string list;
    for (std::string name; std::getline(names, name, ',');) {
      database_.run("INSERT INTO app.regions (name) VALUES ('" + name + "') ON CONFLICT DO NOTHING");
      list += (list.empty() ? "'" : ", '") + name + "'";
    }
    // A worker that says it made the results; it will never connect.
    worker_ =
        std::stoi(database_.run("INSERT INTO app.workers (name, region_id, certificate_expires_at) VALUES "
                                "('seeded', 1, now()) RETURNING id")[0]);
    const std::string since = sql_time(history_from());
    const auto ids = database_.run(
        R"(
INSERT INTO app.monitors (workspace_id, name, url, method, every, timeout_ms, max_redirects, tags, created_at, updated_at)
SELECT )" +
        o_.workspace +
        R"(, thing || ' ' || lpad(i::text, 5, '0'), 'https://' || thing || '-' || i || '.example.com/health', 'GET',
  CASE WHEN i % 50 = 0 THEN interval '60 s' WHEN i % 50 < 10 THEN interval '300 s' ELSE interval '900 s' END, 10000, 10,
  ARRAY[(ARRAY['production', 'staging', 'internal', 'customer'])[1 + i % 4], thing], )" +
        since + ", " + since + R"(
FROM generate_series(1, )" +
        std::to_string(o_.monitors) + R"() AS i CROSS JOIN LATERAL (
  SELECT (ARRAY['shop', 'api', 'blog', 'login', 'search', 'images', 'status', 'checkout', 'docs', 'payments', 'mail',
                'cdn'])[1 + i * 7 % 12] AS thing) t
ORDER BY i RETURNING id)");
    for (const std::string& text : ids) {
      const std::int64_t id = std::stoll(text);
      const std::int64_t number = id - std::stoll(ids.front()) + 1;
      const Seconds every{number % 50 == 0 ? 60 : number % 50 < 10 ? 300 : 900};
      origins_[id] = domain::grid_origin(id, every).time_since_epoch().count();
      every_[id] = Microseconds{every}.count();
    }
    const std::string range = ids.front() + " AND " + ids.back();
    database_.run(
        "INSERT INTO app.monitor_current (monitor_id, workspace_id, state_since) SELECT id, workspace_id, "
        "created_at FROM app.monitors WHERE id BETWEEN " +
        range);
    const auto jobs = database_.run(
        "WITH added AS (INSERT INTO app.monitor_regions (monitor_id, region_id) SELECT m.id, r.id "
        "FROM app.monitors m JOIN app.regions r ON r.name IN (" +
        list + ") WHERE m.id BETWEEN " + range +
        " ORDER BY m.id, r.id RETURNING *) "
        "INSERT INTO app.jobs (id, monitor_id, workspace_id, region_id, every, origin, scheduled_at, "
        "next_attempt_at, spec_version) SELECT a.job_id, m.id, m.workspace_id, a.region_id, m.every, now(), "
        "now(), now(), 1 FROM added a JOIN app.monitors m ON m.id = a.monitor_id ORDER BY a.job_id "
        "RETURNING id || ' ' || monitor_id || ' ' || region_id");
    for (const std::string& text : jobs) {
      Job job;
      std::stringstream(text) >> job.id >> job.monitor >> job.region;
      job.every = every_[job.monitor];
      job.origin = origins_[job.monitor];
      job.first = world_.first_slot_at(job, history_from());
      job.until = world_.now() + 1;
      const double site = std::log(
          20'000 +
          400'000 * std::pow(uniform(hash(world_.seed(), 7, static_cast<std::uint64_t>(job.monitor))), 3));
      job.character.level = site + 0.5 * uniform(hash(world_.seed(), static_cast<std::uint64_t>(job.region),
                                                      static_cast<std::uint64_t>(job.monitor)));
      jobs_.push_back(job);
    }
  }

  void write_present() {
    std::cerr << "jobs\n";
    database_.run(
        "CREATE TEMPORARY TABLE present (job_id bigint PRIMARY KEY, origin timestamptz, next timestamptz, "
        "first timestamptz, gap timestamptz, last timestamptz, ok boolean)");
    std::string values;
    const auto flush = [&] {
      if (!values.empty()) database_.run("INSERT INTO present VALUES " + values);
      values.clear();
    };
    const auto time = [](std::int64_t us) {
      return us == 0 ? std::string("NULL")
                     : "timestamptz 'epoch' + " + std::to_string(us) + " * interval '1 us'";
    };
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
      const Job& job = jobs_[i];
      values += (values.empty() ? "(" : ",(") + std::to_string(job.id) + "," + time(job.origin) + "," +
                time(world_.first_slot_at(job, world_.now() + 1)) + "," + time(job.first) + "," +
                time(job.gap_from) + "," + time(job.last_slot) + "," + (job.last_ok ? "true" : "false") + ")";
      if (i % 5000 == 4999) flush();
    }
    flush();
    database_.run(
        "UPDATE app.jobs j SET origin = p.origin, scheduled_at = p.next, next_attempt_at = p.next, gap_from "
        "= p.gap, "
        "last_slot = p.last, last_started_at = p.last, last_outcome = CASE WHEN p.ok THEN 1 ELSE 2 END FROM "
        "present p WHERE p.job_id = j.id");
    database_.run(
        "INSERT INTO app.job_epochs (job_id, monitor_id, region_id, first_slot, every, origin) SELECT j.id, "
        "j.monitor_id, j.region_id, p.first, j.every, j.origin FROM app.jobs j JOIN present p ON p.job_id = "
        "j.id");
    database_.run(
        "UPDATE app.monitor_current c SET last_job_id = l.id, last_slot = l.last_slot, last_result_at = "
        "l.last_slot, "
        "state = l.state FROM (SELECT monitor_id, (array_agg(id ORDER BY last_slot DESC, id))[1] AS id, "
        "max(last_slot) AS "
        "last_slot, CASE WHEN bool_and(last_outcome = 1) THEN 2 WHEN bool_or(last_outcome = 1) THEN 3 ELSE 4 "
        "END AS state "
        "FROM app.jobs WHERE last_slot IS NOT NULL GROUP BY monitor_id) l WHERE c.monitor_id = l.monitor_id");
  }

  Options o_;
  Database database_;
  World world_;
  int worker_ = 0;
  std::vector<Job> jobs_;
  std::map<std::int64_t, std::int64_t> origins_, every_;  // by monitor
};

int seed(int argc, char** argv) {
  Options o;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i], value = argv[i + 1];
    const std::map<std::string, std::int64_t*> numbers{{"--monitors", &o.monitors},
                                                       {"--seed", &o.seed},
                                                       {"--days", &o.days},
                                                       {"--raw-days", &o.raw_days},
                                                       {"--hour-days", &o.hour_days}};
    if (const auto found = numbers.find(name); found != numbers.end())
      *found->second = std::stoll(value);
    else if (name == "--database-url")
      o.url = value;
    else if (name == "--workspace")
      o.workspace = value;
    else if (name == "--regions")
      o.regions = value;
    else
      throw std::runtime_error("unknown option " + name);
  }
  if (o.url.empty()) throw std::runtime_error("--database-url is required");
  Seeder(o).run();
  return 0;
}

}  // namespace
}  // namespace openseer::bench

int main(int argc, char** argv) {
  try {
    return openseer::bench::seed(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "bench_seed_history: " << error.what() << '\n';
    return 1;
  }
}
