#pragma once

#include <cmath>
#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

#include "bench/copy_stream.h"
#include "domain/sketch.h"

// A made-up past, written as the product would have left it: results, gaps and
// rollups that agree with each other to the slot. Everything follows from the seed,
// the jobs and the time.
namespace openseer::bench {

constexpr std::int64_t kSecond = 1'000'000, kHour = 3600 * kSecond, kDay = 24 * kHour;

inline std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}
inline std::uint64_t hash(std::uint64_t seed, std::uint64_t a, std::uint64_t b) {
  return mix(mix(seed ^ mix(a)) ^ b);
}
inline double uniform(std::uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1.0p-53; }
// Nearly normal: the sum of eight 8-bit numbers, scaled. Good enough and fast.
inline double normal(std::uint64_t bits) {
  int sum = 0;
  for (int i = 0; i < 8; ++i) sum += static_cast<int>(bits >> (8 * i) & 255);
  return (sum - 1020) / 209.0;
}

constexpr std::int16_t kOk = 1, kFailed = 2, kDegraded = 3;  // as stored

// How the target of a monitor behaves.
struct Character {
  double level = 0;  // ln of the median total in microseconds
  double spread = 0.35;
  // This share of the time fails, in stretches that long; without, of the single checks.
  double failing = 1.0 / 1024;
  std::int64_t stretch = 0;
  // From then on nothing is right any more; 0: never.
  std::int64_t wrong_from = 0;
  std::int16_t wrong_outcome = kFailed;
  std::int16_t reason = 18;  // of failures: the status
  std::int16_t status = 503;
  std::int32_t failed_total = 0;  // microseconds; 0: as of those that work
  bool plain = false;             // http to an address: no DNS, no TLS
};

struct Job {
  std::int64_t id = 0, monitor = 0;
  std::int16_t region = 0;
  // The slots: `first`, then the grid of `every` from `origin`, before `until`.
  std::int64_t every = 0, origin = 0, first = 0, until = 0;
  Character character;
  std::int64_t last_slot = 0, gap_from = 0;
  bool last_ok = true;
  bool ended = false;  // another schedule follows at `until`
};

struct Numbers {
  std::int64_t count = 0, ok = 0, sum = 0, dns = 0, connect = 0, tls = 0, wait = 0, download = 0;
  std::int32_t min = 0, max = 0;
  domain::Sketch sketch;
  void clear() { *this = Numbers(); }
};

struct Check {
  bool missed = false;
  std::int16_t outcome = kOk;
  std::int32_t dns = 0, connect = 0, tls = 0, wait = 0, download = 0, total = 0;
  bool ok() const { return outcome != kFailed; }
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
    const Character& is = job.character;
    const bool wrong = is.wrong_from != 0 && slot >= is.wrong_from;
    const std::uint64_t luck = is.stretch == 0 ? bits
                                               : hash(seed_ + 3, static_cast<std::uint64_t>(job.monitor),
                                                      static_cast<std::uint64_t>(slot / is.stretch));
    if (within(2, job.monitor, 0.03, 0.04) || uniform(luck) < is.failing) check.outcome = kFailed;
    if (wrong) check.outcome = is.wrong_outcome;
    const double wave = 0.25 * std::sin(2 * M_PI * static_cast<double>(slot % kDay) / kDay);
    const double total = std::exp(is.level + wave + is.spread * normal(mix(bits)));
    check.total = static_cast<std::int32_t>(std::min(total, 9.9e6));
    if (!check.ok() && is.failed_total != 0) check.total = is.failed_total;
    check.dns = is.plain ? 0 : check.total / 20;
    check.connect = check.total / (is.plain ? 12 : 6);
    check.tls = is.plain ? 0 : check.total / 4;
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

inline void put_numbers(CopyStream& out, const Job& job, std::int64_t bucket, const Numbers& n) {
  const std::int64_t all = std::max<std::int64_t>(n.ok, 1);
  out.row(12).i8(job.id).time(bucket).i4(n.count).i4(n.ok).i8(n.sum);
  if (n.ok > 0)
    out.i4(n.min).i4(n.max);
  else
    out.null().null();
  out.i4(n.dns / all).i4(n.connect / all).i4(n.tls / all).i4(n.wait / all).i4(n.download / all);
}
inline void put_sketch(CopyStream& out, const Job& job, std::int64_t bucket, const Numbers& n) {
  if (n.ok > 0) out.row(4).i8(job.id).time(bucket).array(n.sketch.bins()).array(n.sketch.counts());
}

inline void add(Numbers& n, const Check& check) {
  ++n.count;
  if (!check.ok()) return;
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
inline void add(Numbers& into, const Numbers& n) {
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

// From when on each level is kept; the results go up to now.
struct Spans {
  std::int64_t history_from = 0, hours_from = 0, raw_from = 0;
};

inline std::string sql_time(std::int64_t us) {
  return "to_timestamp(" + std::to_string(us / kSecond) + ") + interval '" + std::to_string(us % kSecond) +
         " us'";
}

class HistoryWriter {
 public:
  HistoryWriter(Database& database, std::string url, const World& world, Spans spans, int worker)
      : database_(database), url_(std::move(url)), world_(world), spans_(spans), worker_(worker) {}

  void make_partitions() {
    for (std::int64_t day = spans_.raw_from; day <= world_.now() + 3 * kDay; day += kDay) {
      const std::string name =
          database_.run("SELECT to_char((" + sql_time(day) + ") AT TIME ZONE 'UTC', 'YYYYMMDD')")[0];
      database_.run("CREATE TABLE IF NOT EXISTS ts.results_raw_" + name +
                    " PARTITION OF ts.results_raw FOR VALUES FROM ('" +
                    database_.run("SELECT " + sql_time(day))[0] + "') TO ('" +
                    database_.run("SELECT " + sql_time(day + kDay))[0] + "')");
    }
  }

  // As it would have come in: rows lie on the disk in the order of time.
  void write(std::vector<Job>& jobs) {
    CopyStream raw(
        url_,
        "ts.results_raw (slot, job_id, certificate_expires_at, lateness_ms, body_bytes, worker_id, dns_us, "
        "connect_us, tls_us, wait_us, download_us, total_us, region_id, outcome, reason, http_status, "
        "http_version, dense, remote_address)");
    const std::string numbers =
        " (job_id, bucket, count, ok_count, sum_us, min_us, max_us, dns_us, connect_us, tls_us, wait_us, "
        "download_us)";
    const std::string sketches = " (job_id, bucket, bins, counts)";
    CopyStream hours(url_, "ts.results_agg_1h" + numbers), hour_sketches(url_, "ts.sketches_1h" + sketches);
    CopyStream days(url_, "ts.results_agg_1d" + numbers), day_sketches(url_, "ts.sketches_1d" + sketches);
    CopyStream gaps(url_, "ts.gaps (job_id, first_slot, until, monitor_id, region_id)");
    std::vector<Numbers> of_day(jobs.size());
    Numbers of_hour;
    std::vector<Result> results;  // of an hour
    const std::int64_t last_hour = world_.now() / kHour * kHour;
    for (std::int64_t hour = spans_.history_from; hour <= last_hour; hour += kHour) {
      if (hour % kDay == 0) std::cerr << "\r" << (world_.now() - hour) / kDay << " days left " << std::flush;
      for (std::size_t i = 0; i < jobs.size(); ++i) {
        Job& job = jobs[i];
        of_hour.clear();
        const std::int64_t end = std::min(hour + kHour, job.until);
        for (std::int64_t slot = world_.first_slot_at(job, std::max(hour, job.first)); slot < end;
             slot += job.every) {
          const Check check = world_.check(job, slot);
          if (check.missed) {
            if (job.gap_from == 0) job.gap_from = slot;
            continue;
          }
          if (job.gap_from != 0)
            gaps.row(5).i8(job.id).time(job.gap_from).time(slot).i8(job.monitor).i2(job.region);
          job.gap_from = 0;
          add(of_hour, check);
          job.last_slot = slot;
          job.last_ok = check.ok();
          if (slot >= spans_.raw_from) results.push_back({slot, &job, check});
        }
        if (hour < last_hour) {
          add(of_day[i], of_hour);
          if (hour >= spans_.hours_from && of_hour.count > 0) {
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
      std::sort(results.begin(), results.end(),
                [](const Result& a, const Result& b) { return a.slot < b.slot; });
      for (const Result& result : results) put_raw(raw, *result.job, result.slot, result.check);
      results.clear();
    }
    // What is still missing at the end is written with the next result, if there is to be one.
    for (const Job& job : jobs) {
      if (job.gap_from != 0 && job.ended)
        gaps.row(5).i8(job.id).time(job.gap_from).time(job.until).i8(job.monitor).i2(job.region);
    }
    std::cerr << "\r" << raw.finish() << " results, " << hours.finish() << " hours, "
              << hour_sketches.finish() << " of them with sketches, " << days.finish() << " days, "
              << day_sketches.finish() << ", " << gaps.finish() << " gaps\n";
  }

  // Every level is closed up to now, and holds nothing older than its span.
  void write_progress() {
    database_.run(
        "UPDATE ts.rollup_progress SET closed_until = date_trunc((ARRAY['minute', 'hour', 'day', "
        "'minute'])[level], " +
        sql_time(world_.now()) +
        ", 'UTC') - CASE WHEN level = 4 THEN interval '1 min' ELSE interval '0' END");
    database_.run("UPDATE ts.kept SET kept_from = " + sql_time(spans_.raw_from) + " WHERE level < 2");
    database_.run("UPDATE ts.kept SET kept_from = " + sql_time(spans_.hours_from) + " WHERE level = 2");
  }

 private:
  struct Result {
    std::int64_t slot = 0;
    const Job* job = nullptr;
    Check check;
  };

  void put_raw(CopyStream& raw, const Job& job, std::int64_t slot, const Check& check) const {
    const Character& is = job.character;
    raw.row(19).time(slot).i8(job.id);
    if (is.plain)
      raw.null();
    else
      raw.time(world_.now() + 40 * kDay);
    raw.i4(12).i4(1'234).i4(worker_);
    raw.i4(check.dns).i4(check.connect).i4(check.tls).i4(check.wait).i4(check.download).i4(check.total);
    raw.i2(job.region).i2(check.outcome).i2(check.outcome == kOk ? 0 : is.reason);
    const bool answered = check.ok() || is.status != 0;
    raw.i2(check.ok() ? 200 : is.status).i2(!answered ? 0 : is.plain ? 2 : 3).flag(false);
    // Of the addresses that documentation may use.
    raw.address({198, 51, 100, static_cast<std::uint8_t>(job.monitor)});
  }

  Database& database_;
  std::string url_;
  const World& world_;
  Spans spans_;
  int worker_;
};

}  // namespace openseer::bench
