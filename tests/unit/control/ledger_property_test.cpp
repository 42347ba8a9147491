// The ledger against a plain model: random histories of everything that could bend
// it. The time is the test's own: now() and clock_timestamp() of the database are
// shadowed by functions that read a table, so that statements run unchanged.

#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "control/metrics/ledger.h"
#include "control/retention/retention.h"
#include "control/rollup/rollup.h"
#include "domain/slots.h"
#include "pg/pool.h"
#include "pki/secret_box.h"
#include "store/jobs.h"
#include "store/monitors.h"
#include "store/retention.h"
#include "support/loop.h"
#include "support/monitors.h"
#include "support/postgres.h"

namespace openseer::control {
namespace {

using domain::Outcome;

constexpr Milliseconds kLease{15'000};
constexpr Seconds kCommitTime{600};  // past a lease's end
constexpr std::array<const char*, 3> kRegions{"global", "eu", "us"};

// What one job was asked and what was accepted. Nothing here knows of gaps, epochs'
// ends or rollups: a slot is what the rule says, and its result what was acknowledged.
struct ModelJob {
  std::string region;
  bool exists = true;  // false: its region was taken off the monitor
  struct Schedule {
    Instant first;
    Seconds every{60};
    Instant origin;
    std::optional<Instant> last;       // its last slot, once it was changed or paused
    std::optional<Instant> withdrawn;  // that slot, if it was in flight then
    Instant until{};                   // no other schedule of the job begins before
  };
  std::vector<Schedule> schedules;
  std::map<Instant, bool> results;
  std::optional<domain::LeasedJob> lease;  // the latest
  Instant lease_end;

  bool running() const { return !schedules.empty() && !schedules.back().last; }

  // Every slot at or before `now`, by the rule alone: the first instant, then the
  // points of the grid.
  template <class Use>
  void each_slot(Instant now, Use use) const {
    for (const Schedule& schedule : schedules) {
      const Instant end = schedule.last ? std::min(*schedule.last, now) : now;
      for (Instant slot = schedule.first; slot <= end;
           slot = schedule.origin + ((slot - schedule.origin) / schedule.every + 1) * schedule.every) {
        if (slot != schedule.withdrawn) use(slot, schedule);
      }
    }
  }

  // May still get its result: the latest slot, and the one that is leased.
  std::set<Instant> open(Instant now) const {
    std::set<Instant> slots;
    if (!running()) return slots;
    const bool can_commit =
        lease && lease->lease.slot >= schedules.back().first && lease_end + kCommitTime > now;
    Instant latest{};
    each_slot(now, [&](Instant slot, const Schedule& schedule) {
      if (&schedule == &schedules.back()) latest = slot;
    });
    const bool passed = lease && lease->lease.slot > latest;
    if (latest != Instant{} && !passed && !results.contains(latest)) slots.insert(latest);
    if (can_commit && !results.contains(lease->lease.slot)) slots.insert(lease->lease.slot);
    return slots;
  }

  // Withdraws the latest slot; the others that have no result are missed.
  void stop(Instant now) {
    if (!running()) return;
    Schedule& schedule = schedules.back();
    Instant at{};  // before everything: it had no slot yet
    each_slot(now, [&](Instant slot, const Schedule& of) {
      if (&of == &schedule) at = slot;
    });
    if (lease && lease->lease.slot >= schedule.first) at = std::max(at, lease->lease.slot);
    if (!results.contains(at)) schedule.withdrawn = at;
    schedule.last = at;
    // What never ran is as if it had not been.
    if (at > schedule.first || !schedule.withdrawn) schedule.until = schedule.withdrawn.value_or(now);
    lease.reset();
  }
};

struct ModelMonitor {
  bool paused = false;
  Seconds every{60};
  std::vector<std::string> regions;
  std::map<std::int64_t, ModelJob> jobs;  // also those whose region was taken away
};

struct Counts {
  std::int64_t expected = 0, ok = 0, failed = 0, missed = 0;
  bool operator==(const Counts&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Counts& c) {
  return out << "expected " << c.expected << ", ok " << c.ok << ", failed " << c.failed << ", missed "
             << c.missed;
}

Counts count_model(const ModelMonitor& monitor, const std::string& region, store::Span span, Instant now) {
  Counts counts;
  for (const auto& [id, job] : monitor.jobs) {
    if (!region.empty() && job.region != region) continue;
    const std::set<Instant> open = job.open(now);
    job.each_slot(now, [&](Instant slot, const ModelJob::Schedule&) {
      if (slot < span.from || slot >= span.to || open.contains(slot)) return;
      ++counts.expected;
      const auto result = job.results.find(slot);
      ++(result == job.results.end() ? counts.missed : result->second ? counts.ok : counts.failed);
    });
  }
  return counts;
}

std::uint64_t setting(const char* name, std::uint64_t fallback) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before threads start
  return value == nullptr ? fallback : std::strtoull(value, nullptr, 10);
}

class History {
 public:
  explicit History(std::uint64_t seed) : random_(seed) {
    run("CREATE SCHEMA clock");
    run("CREATE TABLE clock.time (t timestamptz NOT NULL)");
    run("INSERT INTO clock.time VALUES ('2026-03-07 20:13:14.123456+00')");  // before two changes to summer
                                                                             // time
    for (const char* name : {"now", "clock_timestamp"})
      run(std::string("CREATE FUNCTION clock.") + name +
          "() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT t FROM clock.time'");
    run("ALTER TABLE app.monitors ALTER created_at SET DEFAULT clock.now(), ALTER updated_at SET DEFAULT "
        "clock.now()");
    run("UPDATE ts.rollup_progress SET closed_until = '2026-03-07 00:00+00'");
    run("INSERT INTO app.workspaces (name) VALUES ('mine')");
    run("ALTER DATABASE " + database_.name() + " SET search_path = clock, pg_catalog");
    for (const char* region : kRegions) workers_.push_back(test::plant_worker(loop_, setup_, region));
    zone_ = pick(std::vector<std::string>{"UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe"});
    // A session that is not in UTC, as a pooler in between might have it.
    {
      pg::Loan connection = loop_.run(pool_.acquire());
      loop_.run(connection->execute("SET TimeZone = '" + zone_ + "'", Milliseconds{5'000}));
    }
    now_ = read_clock();
    advance(Seconds{0});
    create();
    create();
  }

  void step() {
    const int what = number(0, 99);
    if (what < 34) return work();
    if (what < 58) return advance(Milliseconds{number(50, 90'000)});
    if (what < 64) return advance(Seconds{number(60, 6 * 3600)});
    if (what < 65) return advance(Seconds{number(86'400, 2 * 86'400)});
    if (what < 68) return advance(-Seconds{number(1, 5400)});
    if (what < 74) return late_or_again();
    if (what < 80) return roll_up();
    if (what < 82) return keep_less();
    if (what < 86) return create();
    if (what < 91) return edit();
    if (what < 96) return pause_or_resume();
    if (what < 97) return remove();
    check();
  }

  // Any monitor, region and range.
  void check() {
    for (const auto& [id, monitor] : monitors_) {
      for (int i = 0; i < 3; ++i) {
        const std::string region = number(0, 1) == 0 ? "" : kRegions[static_cast<std::size_t>(number(0, 2))];
        store::HistoryScope scope{1, {id}, {}, {}};
        if (!region.empty()) scope.regions.push_back(region);
        const std::int64_t age = (now_ - start_) / Seconds{1} + 60;
        const Instant from = now_ - Microseconds{number(0, age * 1'000'000)};
        const Instant to = i == 0 ? Instant::max() : from + Microseconds{number(1, age * 1'000'000)};
        const LedgerAnswer answer = loop_.run(ledger(pool_, scope, {from, to}));
        const Ledger& total = answer.total;
        const Counts found{total.expected, total.counts.ok, total.counts.failed, total.counts.missed};
        const Counts wanted = count_model(monitor, region, answer.span, now_);
        ASSERT_EQ(found, wanted) << "monitor " << id << " region '" << region << "' from "
                                 << text(answer.span.from) << " to " << text(answer.span.to) << " at "
                                 << text(now_) << " zone " << zone_;
        ASSERT_EQ(total.expected, total.counts.ok + total.counts.failed + total.counts.missed);
      }
    }
  }

 private:
  std::int64_t number(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }
  template <class T>
  T pick(const std::vector<T>& from) {
    return from[static_cast<std::size_t>(number(0, static_cast<std::int64_t>(from.size()) - 1))];
  }
  void run(const std::string& sql) { test::run_sql(loop_, setup_, sql); }
  Instant read_clock() { return test::run_sql(loop_, setup_, "SELECT t FROM clock.time")[0].get<Instant>(0); }
  static std::string text(Instant t) { return std::to_string(t.time_since_epoch().count()); }

  void advance(Microseconds by) {
    static const pg::Statement kSetClock{"test_set_clock", "UPDATE clock.time SET t = $1"};
    now_ += by;
    loop_.run(setup_.query(kSetClock, pg::bind(now_)));
    loop_.run(store::create_partitions(pool_));
  }

  domain::MonitorSpec random_spec() {
    domain::MonitorSpec spec;
    spec.name = "m";
    spec.url = "http://localhost/";
    spec.interval = Seconds{pick(std::vector<int>{7, 10, 29, 30, 45, 60, 300, 3600, 7200})};
    for (const char* region : kRegions) {
      if (number(0, 1) == 0) spec.regions.emplace_back(region);
    }
    if (spec.regions.empty()) spec.regions.emplace_back("global");
    return spec;
  }

  // What app.jobs calls them: the model needs names for jobs, nothing more.
  void begin(std::int64_t id, ModelMonitor& monitor, Instant at) {
    const pg::Rows rows =
        test::run_sql(loop_, setup_,
                      "SELECT j.id, r.name FROM app.jobs j JOIN app.regions r ON r.id = j.region_id "
                      "WHERE monitor_id = " +
                          std::to_string(id));
    ASSERT_EQ(rows.size(), monitor.regions.size());
    for (const pg::Row row : rows) {
      ModelJob& job = monitor.jobs[row.get<std::int64_t>(0)];
      job.region = row.get<std::string>(1);
      if (!monitor.paused)
        job.schedules.push_back({at, monitor.every, domain::grid_origin(id, monitor.every), {}, {}});
    }
  }

  // A change is later than every result there is, and not before a slot that was handed
  // out or what the last change ended, even if the clock was set back.
  Instant instant_of_change(const ModelMonitor& monitor) const {
    Instant at = now_;
    for (const auto& [id, job] : monitor.jobs) {
      if (!job.exists) continue;
      for (const ModelJob::Schedule& schedule : job.schedules) at = std::max(at, schedule.until);
      if (!job.results.empty()) at = std::max(at, job.results.rbegin()->first + Microseconds{1});
      if (job.lease && !job.results.contains(job.lease->lease.slot)) at = std::max(at, job.lease->lease.slot);
    }
    return at;
  }

  void create() {
    if (monitors_.size() >= 4) return;
    const domain::MonitorSpec spec = random_spec();
    const std::int64_t id = loop_.run(store::create_monitor(pool_, secrets_, 1, spec, store::Actor{}));
    ModelMonitor& monitor = monitors_[id];
    monitor.every = spec.interval;
    monitor.regions = spec.regions;
    begin(id, monitor, now_);
  }

  std::int64_t any_monitor() {
    std::vector<std::int64_t> ids;
    for (const auto& [id, monitor] : monitors_) ids.push_back(id);
    return ids.empty() ? 0 : pick(ids);
  }

  void edit() {
    const std::int64_t id = any_monitor();
    if (id == 0) return;
    ModelMonitor& monitor = monitors_[id];
    const domain::MonitorSpec spec = random_spec();
    const Instant at = instant_of_change(monitor);
    ASSERT_TRUE(loop_.run(store::update_monitor(pool_, secrets_, 1, id, spec, {}, store::Actor{})));
    for (auto& [job_id, job] : monitor.jobs) {
      job.stop(at);
      job.exists =
          job.exists && std::find(spec.regions.begin(), spec.regions.end(), job.region) != spec.regions.end();
    }
    monitor.every = spec.interval;
    monitor.regions = spec.regions;
    begin(id, monitor, at);
  }

  void pause_or_resume() {
    const std::int64_t id = any_monitor();
    if (id == 0) return;
    ModelMonitor& monitor = monitors_[id];
    const Instant at = instant_of_change(monitor);
    monitor.paused = !monitor.paused;
    const std::vector<std::int64_t> ids{id};
    const store::Actor nobody;
    ASSERT_TRUE(loop_.run(monitor.paused ? store::pause_monitors(pool_, 1, ids, nobody)
                                         : store::resume_monitors(pool_, 1, ids, nobody)));
    if (monitor.paused)
      for (auto& [job_id, job] : monitor.jobs) job.stop(at);
    else
      begin(id, monitor, at);
  }

  void remove() {
    const std::int64_t id = any_monitor();
    if (id == 0) return;
    ASSERT_TRUE(loop_.run(store::delete_monitors(pool_, 1, {id}, store::Actor{})));
    monitors_.erase(id);
    const LedgerAnswer answer = loop_.run(ledger(pool_, {1, {id}, {}, {}}, {start_, Instant::max()}));
    ASSERT_EQ(answer.total.expected, 0);
    ASSERT_EQ(answer.total.counts, LedgerCounts{});
  }

  ModelJob* job_of(const domain::LeasedJob& leased) {
    const auto monitor = monitors_.find(leased.monitor_id);
    return monitor == monitors_.end() ? nullptr : &monitor->second.jobs.at(leased.lease.job_id);
  }

  struct Sent {
    std::int32_t worker = 0;
    domain::LeasedJob job;
    domain::LeasedResult result;
  };

  void send(const Sent& sent) {
    const std::vector<domain::Acceptance> answers =
        loop_.run(store::commit_results(pool_, {sent.worker}, {sent.result}));
    if (answers[0] != domain::Acceptance::kAccepted) return;
    ModelJob* job = job_of(sent.job);
    if (job == nullptr) return;
    const bool ok = sent.result.result.outcome != Outcome::kFailed;
    const auto [at, fresh] = job->results.emplace(sent.job.lease.slot, ok);
    // Accepted twice is accepted once: the first word stands.
    ASSERT_TRUE(fresh || at->second == ok);
  }

  // Some workers take what is due; some of them crash, and some keep what they found.
  void work() {
    for (std::size_t region = 0; region < kRegions.size(); ++region) {
      if (number(0, 3) == 0) continue;
      const std::int32_t worker = workers_[region];
      const auto jobs =
          loop_.run(store::lease_due(pool_, static_cast<std::int16_t>(region + 1), worker, 10, kLease));
      for (const domain::LeasedJob& leased : jobs) {
        if (ModelJob* job = job_of(leased)) {
          job->lease = leased;
          job->lease_end = now_ + kLease;
        }
        Sent sent{worker, leased, {}};
        sent.result.lease = leased.lease;
        sent.result.result.started_at = now_ + Microseconds{number(0, 1000)};
        sent.result.result.outcome = static_cast<Outcome>(number(1, 3));
        sent.result.result.measurement.phases.total = Microseconds{number(100, 900'000)};
        const std::int64_t fate = number(0, 9);
        if (fate == 0) continue;  // crashed
        held_.push_back(sent);
        if (fate > 2) send(sent);
      }
    }
  }

  // A result that comes late, or again.
  void late_or_again() {
    if (held_.empty()) return;
    send(held_[static_cast<std::size_t>(number(0, static_cast<std::int64_t>(held_.size()) - 1))]);
    if (number(0, 3) == 0) held_.clear();
  }

  void roll_up() {
    Rollup rollup(loop_.executor(), pool_);
    loop_.run(rollup.run_once(), Seconds{60});
  }

  void keep_less() {
    Retention::Options options;
    options.raw = std::chrono::hours{number(1, 60)};
    options.minutes = std::chrono::hours{number(1, 60)};
    options.hours = std::chrono::hours{number(1, 100)};
    Retention retention(loop_.executor(), pool_, options);
    loop_.run(retention.run_once(), Seconds{60});
  }

  std::mt19937_64 random_;
  test::Loop loop_;
  test::TestDatabase database_;
  pg::Pool setup_{loop_.executor(), {.conninfo = database_.conninfo(), .connections = 1}};
  // One connection, so that the session's settings are known.
  pg::Pool pool_{loop_.executor(), {.conninfo = database_.conninfo(), .connections = 1}};
  pki::SecretBox secrets_ = pki::SecretBox::from_hex(pki::SecretBox::random_key_hex());
  std::string zone_;
  std::vector<std::int32_t> workers_;
  std::vector<Sent> held_;
  std::map<std::int64_t, ModelMonitor> monitors_;
  Instant now_;
  Instant start_{std::chrono::sys_days{std::chrono::year{2026} / 3 / 7}};
};

// OPENSEER_LEDGER_SEED=N runs one history, OPENSEER_LEDGER_HISTORIES=N many.
TEST(LedgerProperty, RandomHistoriesAgreeWithAPlainModel) {
  const std::uint64_t first = setting("OPENSEER_LEDGER_SEED", std::random_device{}());
  const std::uint64_t count =
      setting("OPENSEER_LEDGER_HISTORIES", std::getenv("OPENSEER_LEDGER_SEED") ? 1 : 12);
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    SCOPED_TRACE("OPENSEER_LEDGER_SEED=" + std::to_string(seed));
    History history(seed);
    for (int i = 0; i < 150 && !testing::Test::HasFatalFailure(); ++i) history.step();
    if (!testing::Test::HasFatalFailure()) history.check();
    if (testing::Test::HasFatalFailure()) return;
  }
  std::cout << count << " histories from OPENSEER_LEDGER_SEED=" << first << '\n';
}

}  // namespace
}  // namespace openseer::control
