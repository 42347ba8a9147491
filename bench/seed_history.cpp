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
#include "domain/sketch.h"
#include "domain/slots.h"

namespace openseer::bench {
namespace {

constexpr std::int64_t kSecond = 1'000'000, kHour = 3600 * kSecond, kDay = 24 * kHour;

std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}
std::uint64_t hash(std::uint64_t seed, std::uint64_t a, std::uint64_t b) {
  return mix(mix(seed ^ mix(a)) ^ b);
}
double uniform(std::uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1.0p-53; }
// Nearly normal: the sum of eight 8-bit numbers, scaled. Good enough and fast.
double normal(std::uint64_t bits) {
  int sum = 0;
  for (int i = 0; i < 8; ++i) sum += static_cast<int>(bits >> (8 * i) & 255);
  return (sum - 1020) / 209.0;
}

struct Job {
  std::int64_t id = 0, monitor = 0;
  std::int16_t region = 0;
  std::int64_t every = 0, origin = 0, first = 0;
  double level = 0;  // ln of the median total in microseconds
  std::int64_t last_slot = 0;
  bool last_ok = true;
  std::int32_t last_total = 0;
};

struct Numbers {
  std::int64_t count = 0, ok = 0, sum = 0, dns = 0, connect = 0, tls = 0, wait = 0, download = 0;
  std::int32_t min = 0, max = 0;
  domain::Sketch sketch;
  void clear() { *this = Numbers(); }
};

struct Check {
  bool missed = false, ok = true;
  std::int32_t dns = 0, connect = 0, tls = 0, wait = 0, download = 0, total = 0;
};

class World {
 public:
  World(std::uint64_t seed, std::int64_t now) : seed_(seed), now_(now) {}

  // What happened at a slot; the same whenever it is asked.
  Check check(const Job& job, std::int64_t slot) const {
    Check check;
    const std::int64_t day = slot / kDay;
    const auto within = [&](std::uint64_t what, std::int64_t of, double share, double longest) {
      const std::uint64_t bits =
          hash(seed_ + what, static_cast<std::uint64_t>(of), static_cast<std::uint64_t>(day));
      if (uniform(bits) >= share) return false;
      const double start = uniform(mix(bits)), length = uniform(mix(bits + 1)) * longest;
      const double at = static_cast<double>(slot % kDay) / kDay;
      return at >= start && at < start + length;
    };
    check.missed = within(1, job.id, 0.02, 0.05);
    if (check.missed) return check;
    const std::uint64_t bits =
        hash(seed_, static_cast<std::uint64_t>(job.id), static_cast<std::uint64_t>(slot));
    check.ok = !within(2, job.monitor, 0.03, 0.04) && (bits & 1023) != 0;
    const double wave = 0.25 * std::sin(2 * M_PI * static_cast<double>(slot % kDay) / kDay);
    const double total = std::exp(job.level + wave + 0.35 * normal(mix(bits)));
    check.total = static_cast<std::int32_t>(std::min(total, 9.9e6));
    check.dns = check.total / 20;
    check.connect = check.total / 6;
    check.tls = check.total / 4;
    check.download = check.total / 12;
    check.wait = check.total - check.dns - check.connect - check.tls - check.download;
    return check;
  }

  std::int64_t first_slot_at(const Job& job, std::int64_t from) const {
    const std::int64_t behind = (from - job.origin) % job.every;
    return behind == 0 ? from : from - behind + job.every;
  }
  std::int64_t now() const { return now_; }
  std::uint64_t seed() const { return seed_; }

 private:
  std::uint64_t seed_;
  std::int64_t now_;
};

struct Options {
  std::string url, workspace = "1", regions = "eu-central,us-east,ap-south";
  std::int64_t monitors = 1000, seed = 1, days = 90, raw_days = 7, hour_days = 90;
};

void put_numbers(CopyStream& out, const Job& job, std::int64_t bucket, const Numbers& n) {
  const std::int64_t all = std::max<std::int64_t>(n.ok, 1);
  out.row(14).i8(job.id).time(bucket).i8(job.monitor).i2(job.region).i4(n.count).i4(n.ok).i8(n.sum);
  if (n.ok > 0)
    out.i4(n.min).i4(n.max);
  else
    out.null().null();
  out.i4(n.dns / all).i4(n.connect / all).i4(n.tls / all).i4(n.wait / all).i4(n.download / all);
}
void put_sketch(CopyStream& out, const Job& job, std::int64_t bucket, const Numbers& n) {
  if (n.ok > 0) out.row(4).i8(job.id).time(bucket).array(n.sketch.bins()).array(n.sketch.counts());
}

void add(Numbers& n, const Check& check) {
  ++n.count;
  if (!check.ok) return;
  n.min = n.ok == 0 ? check.total : std::min(n.min, check.total);
  n.max = std::max(n.max, check.total);
  ++n.ok;
  n.sum += check.total;
  n.dns += check.dns;
  n.connect += check.connect;
  n.tls += check.tls;
  n.wait += check.wait;
  n.download += check.download;
  n.sketch.add(Microseconds{check.total});
}
void add(Numbers& into, const Numbers& n) {
  if (n.ok > 0) {
    into.min = into.ok == 0 ? n.min : std::min(into.min, n.min);
    into.max = std::max(into.max, n.max);
  }
  into.count += n.count;
  into.ok += n.ok;
  into.sum += n.sum;
  into.dns += n.dns;
  into.connect += n.connect;
  into.tls += n.tls;
  into.wait += n.wait;
  into.download += n.download;
  into.sketch.merge(n.sketch);
}

class Seeder {
 public:
  explicit Seeder(const Options& o)
      : o_(o), database_(o.url), world_(static_cast<std::uint64_t>(o.seed), read_now()) {}

  void run() {
    make_monitors();
    make_partitions();
    write_history();
    write_present();
    std::cerr << "analysing\n";
    database_.run("ANALYZE");
  }

 private:
  std::int64_t read_now() {
    return std::stoll(
        database_.run("SELECT (extract(epoch FROM date_trunc('second', now())) * 1000000)::bigint")[0]);
  }
  static std::string sql_time(std::int64_t us) {
    return "to_timestamp(" + std::to_string(us / kSecond) + ") + interval '" + std::to_string(us % kSecond) +
           " us'";
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
        "INSERT INTO app.jobs (monitor_id, workspace_id, region_id, every, origin, scheduled_at, "
        "next_attempt_at, "
        "spec_version) SELECT m.id, m.workspace_id, r.id, m.every, now(), now(), now(), 1 FROM app.monitors "
        "m JOIN "
        "app.regions r ON r.name IN (" +
        list + ") WHERE m.id BETWEEN " + range +
        " ORDER BY m.id, r.id RETURNING id || ' ' || monitor_id || ' ' || region_id");
    for (const std::string& text : jobs) {
      Job job;
      std::stringstream(text) >> job.id >> job.monitor >> job.region;
      job.every = every_[job.monitor];
      job.origin = origins_[job.monitor];
      job.first = world_.first_slot_at(job, history_from());
      const double site = std::log(
          20'000 +
          400'000 * std::pow(uniform(hash(world_.seed(), 7, static_cast<std::uint64_t>(job.monitor))), 3));
      job.level = site + 0.5 * uniform(hash(world_.seed(), static_cast<std::uint64_t>(job.region),
                                            static_cast<std::uint64_t>(job.monitor)));
      jobs_.push_back(job);
    }
  }

  void make_partitions() {
    for (std::int64_t day = raw_from(); day <= world_.now() + 3 * kDay; day += kDay) {
      const std::string name =
          database_.run("SELECT to_char((" + sql_time(day) + ") AT TIME ZONE 'UTC', 'YYYYMMDD')")[0];
      database_.run("CREATE TABLE IF NOT EXISTS ts.results_raw_" + name +
                    " PARTITION OF ts.results_raw FOR VALUES FROM ('" +
                    database_.run("SELECT " + sql_time(day))[0] + "') TO ('" +
                    database_.run("SELECT " + sql_time(day + kDay))[0] + "')");
    }
  }

  // Hour by hour, as it would have come in: rows lie on the disk in the order of time.
  void write_history() {
    CopyStream raw(
        o_.url,
        "ts.results_raw (slot, job_id, monitor_id, started_at, body_bytes, worker_id, dns_us, connect_us, "
        "tls_us, wait_us, download_us, total_us, region_id, outcome, reason, http_status, http_version, "
        "dense, certificate_expires_at)");
    const std::string numbers =
        " (job_id, bucket, monitor_id, region_id, count, ok_count, sum_us, min_us, max_us, dns_us, "
        "connect_us, tls_us, wait_us, download_us)";
    const std::string sketches = " (job_id, bucket, bins, counts)";
    CopyStream hours(o_.url, "ts.results_agg_1h" + numbers),
        hour_sketches(o_.url, "ts.sketches_1h" + sketches);
    CopyStream days(o_.url, "ts.results_agg_1d" + numbers), day_sketches(o_.url, "ts.sketches_1d" + sketches);
    CopyStream gaps(o_.url, "ts.gaps (job_id, first_slot, until, monitor_id, region_id)");
    std::vector<Numbers> of_day(jobs_.size());
    std::vector<std::int64_t> gap_from(jobs_.size());
    Numbers of_hour;
    const std::int64_t last_hour = world_.now() / kHour * kHour;
    for (std::int64_t hour = history_from(); hour <= last_hour; hour += kHour) {
      if (hour % kDay == 0) std::cerr << "\r" << (world_.now() - hour) / kDay << " days left " << std::flush;
      for (std::size_t i = 0; i < jobs_.size(); ++i) {
        Job& job = jobs_[i];
        of_hour.clear();
        const std::int64_t end = std::min(hour + kHour, world_.now() + 1);
        for (std::int64_t slot = world_.first_slot_at(job, std::max(hour, job.first)); slot < end;
             slot += job.every) {
          const Check check = world_.check(job, slot);
          if (check.missed) {
            if (gap_from[i] == 0) gap_from[i] = slot;
            continue;
          }
          if (gap_from[i] != 0)
            gaps.row(5).i8(job.id).time(gap_from[i]).time(slot).i8(job.monitor).i2(job.region);
          gap_from[i] = 0;
          add(of_hour, check);
          job.last_slot = slot;
          job.last_ok = check.ok;
          job.last_total = check.total;
          if (slot >= raw_from()) put_raw(raw, job, slot, check);
        }
        if (hour < last_hour) {
          add(of_day[i], of_hour);
          if (hour >= hours_from() && of_hour.count > 0) {
            put_numbers(hours, job, hour, of_hour);
            put_sketch(hour_sketches, job, hour, of_hour);
          }
        }
        if (hour % kDay != kDay - kHour || hour >= last_hour) continue;
        if (of_day[i].count > 0) {
          put_numbers(days, job, hour / kDay * kDay, of_day[i]);
          put_sketch(day_sketches, job, hour / kDay * kDay, of_day[i]);
        }
        of_day[i].clear();
      }
    }
    // What is still missing now is written with the next result (gap_from of the job).
    gap_from_ = gap_from;
    std::cerr << "\r" << raw.finish() << " results, " << hours.finish() << " hours, "
              << hour_sketches.finish() << " of them with sketches, " << days.finish() << " days, "
              << day_sketches.finish() << ", " << gaps.finish() << " gaps\n";
  }

  void put_raw(CopyStream& raw, const Job& job, std::int64_t slot, const Check& check) const {
    raw.row(19).time(slot).i8(job.id).i8(job.monitor).time(slot + 12'345).i8(1'234).i4(worker_);
    raw.i4(check.dns).i4(check.connect).i4(check.tls).i4(check.wait).i4(check.download).i4(check.total);
    raw.i2(job.region)
        .i2(check.ok ? 1 : 2)
        .i2(check.ok ? 0 : kStatusReason)
        .i2(check.ok ? 200 : 503)
        .i2(3)
        .flag(false);
    raw.time(world_.now() + 40 * kDay);
  }

  void write_present() {
    std::cerr << "jobs\n";
    database_.run(
        "CREATE TEMPORARY TABLE present (job_id bigint PRIMARY KEY, origin timestamptz, next timestamptz, "
        "first timestamptz, gap timestamptz, last timestamptz, ok boolean, total integer)");
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
                time(gap_from_[i]) + "," + time(job.last_slot) + "," + (job.last_ok ? "true" : "false") +
                "," + std::to_string(job.last_total) + ")";
      if (i % 5000 == 4999) flush();
    }
    flush();
    database_.run(
        "UPDATE app.jobs j SET origin = p.origin, scheduled_at = p.next, next_attempt_at = p.next, gap_from "
        "= p.gap, "
        "last_slot = p.last, last_started_at = p.last, last_outcome = CASE WHEN p.ok THEN 1 ELSE 2 END, "
        "last_total_us = p.total FROM present p WHERE p.job_id = j.id");
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
    const std::string now = sql_time(world_.now());
    database_.run(
        "UPDATE ts.rollup_progress SET closed_until = date_trunc((ARRAY['minute', 'hour', 'day', "
        "'minute'])[level], " +
        now + ", 'UTC') - CASE WHEN level = 4 THEN interval '1 min' ELSE interval '0' END");
    database_.run("UPDATE ts.kept SET kept_from = " + sql_time(raw_from()) + " WHERE level < 2");
    database_.run("UPDATE ts.kept SET kept_from = " + sql_time(hours_from()) + " WHERE level = 2");
  }

  static constexpr std::int64_t kStatusReason = 18;

  Options o_;
  Database database_;
  World world_;
  int worker_ = 0;
  std::vector<Job> jobs_;
  std::map<std::int64_t, std::int64_t> origins_, every_;  // by monitor
  std::vector<std::int64_t> gap_from_;
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
