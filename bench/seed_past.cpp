// Gives monitors that are already running a past, up to their first slot, at a
// slower schedule than their present one. They go on meanwhile.
//
//   bench_seed_past --database-url URL --monitors FILE [--seed 1] [--every 120]
//     [--days 90] [--raw-days 3] [--hour-days 31]
//
// A line of FILE is a monitor and how its target behaves (Character):
//   ID MEDIAN_US SPREAD FAILING STRETCH_S WRONG_FOR_S OUTCOME REASON STATUS FAILED_US

#include <cmath>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "bench/copy_stream.h"
#include "bench/history_writer.h"
#include "domain/slots.h"

namespace openseer::bench {
namespace {

struct Options {
  std::string url, monitors;
  std::int64_t seed = 1, every = 120, days = 90, raw_days = 3, hour_days = 31;
};

std::map<std::int64_t, Character> read_characters(const std::string& path) {
  std::map<std::int64_t, Character> characters;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::stringstream in(line);
    std::int64_t id = 0, stretch = 0, wrong = 0;
    double median = 0;
    Character is;
    in >> id >> median >> is.spread >> is.failing >> stretch >> wrong >> is.wrong_outcome >> is.reason >>
        is.status >> is.failed_total;
    if (!in) throw std::runtime_error("not a monitor: " + line);
    is.level = std::log(median);
    is.stretch = stretch * kSecond;
    is.wrong_from = wrong * kSecond;  // Until the time is known: how long ago.
    is.plain = true;
    characters[id] = is;
  }
  if (characters.empty()) throw std::runtime_error("no monitors in " + path);
  return characters;
}

class Past {
 public:
  explicit Past(const Options& o) : o_(o), database_(o.url), characters_(read_characters(o.monitors)) {}

  void run() {
    find_jobs();
    // What was closed since the first slot is closed anew, with the past in it.
    std::int64_t now = jobs_.front().until;
    for (const Job& job : jobs_) now = std::min(now, job.until);
    const auto day_ago = [now](std::int64_t days) { return (now - days * kDay) / kDay * kDay; };
    const Spans spans{day_ago(o_.days), day_ago(std::max(o_.hour_days, o_.raw_days)), day_ago(o_.raw_days)};
    const World world(static_cast<std::uint64_t>(o_.seed), now);
    for (Job& job : jobs_) {
      job.first = world.first_slot_at(job, spans.history_from);
      if (job.character.wrong_from != 0) job.character.wrong_from = now - job.character.wrong_from;
    }
    const int worker = std::stoi(database_.run("SELECT coalesce(min(id), 0) FROM app.workers")[0]);
    HistoryWriter writer(database_, o_.url, world, spans, worker);
    writer.make_partitions();
    writer.write(jobs_);
    // No pass that read before goes on over this.
    database_.run("BEGIN; SELECT level FROM ts.rollup_progress ORDER BY level FOR UPDATE");
    write_epochs(spans.history_from);
    write_states();
    writer.write_progress();
    database_.run("COMMIT; ANALYZE");
  }

 private:
  void find_jobs() {
    std::string ids;
    for (const auto& [id, character] : characters_) ids += (ids.empty() ? "" : ",") + std::to_string(id);
    ids_ = ids;
    const auto rows = database_.run(
        "SELECT e.job_id || ' ' || e.monitor_id || ' ' || e.region_id || ' ' || "
        "(extract(epoch FROM min(e.first_slot)) * 1000000)::bigint FROM app.job_epochs e WHERE e.monitor_id "
        "IN (" +
        ids + ") GROUP BY e.job_id, e.monitor_id, e.region_id ORDER BY e.job_id");
    for (const std::string& text : rows) {
      Job job;
      std::stringstream(text) >> job.id >> job.monitor >> job.region >> job.until;
      job.every = o_.every * kSecond;
      job.origin = domain::grid_origin(job.monitor, Seconds{o_.every}).time_since_epoch().count();
      job.ended = true;
      job.character = characters_.at(job.monitor);
      jobs_.push_back(job);
    }
    if (jobs_.empty()) throw std::runtime_error("none of the monitors is there");
  }

  void write_epochs(std::int64_t since) {
    std::string values;
    for (const Job& job : jobs_) {
      values += (values.empty() ? "(" : ",(") + std::to_string(job.id) + "," + std::to_string(job.monitor) +
                "," + std::to_string(job.region) + "," + sql_time(job.first) + "," + sql_time(job.until) +
                ", interval '" + std::to_string(o_.every) + " s'," + sql_time(job.origin) + ")";
    }
    database_.run(
        "INSERT INTO app.job_epochs (job_id, monitor_id, region_id, first_slot, until, every, origin) "
        "VALUES " +
        values);
    database_.run("UPDATE app.monitors SET created_at = " + sql_time(since) + " WHERE id IN (" + ids_ + ")");
  }

  // Since when it is as it is; the rest follows from the latest result. The figures
  // of lists are worked out anew when a row is missing.
  void write_states() {
    database_.run("DELETE FROM app.monitor_figures WHERE monitor_id IN (" + ids_ + ")");
    // Already since before its latest results: the one after the last other outcome.
    const std::string wrong =
        "max(slot) FILTER (WHERE outcome <> CASE c.state WHEN 4 THEN 2 WHEN 3 THEN 3 ELSE 1 END)";
    database_.run(
        "UPDATE app.monitor_current c SET state_since = p.since FROM (SELECT c.monitor_id, least(now(), "
        "coalesce(" +
        wrong + " + interval '" + std::to_string(o_.every) +
        " s', min(slot))) AS since FROM app.monitor_current c JOIN app.monitor_regions j USING (monitor_id) "
        "JOIN ts.results_raw r USING (job_id) WHERE "
        "c.monitor_id IN (" +
        ids_ + ") AND c.state > 1 GROUP BY c.monitor_id, c.state) p WHERE p.monitor_id = c.monitor_id");
    database_.run(
        "INSERT INTO app.region_minutes (workspace_id, region_id, minute, ok, failed) SELECT m.workspace_id, "
        "r.region_id, date_trunc('minute', r.slot), count(*) FILTER (WHERE outcome <> 2), count(*) FILTER "
        "(WHERE "
        "outcome = 2) FROM ts.results_raw r JOIN app.monitor_regions j USING (job_id) JOIN app.monitors m ON "
        "m.id = j.monitor_id WHERE m.id IN "
        "(" +
        ids_ +
        ") AND r.slot > now() - interval '24 h' AND NOT r.dense GROUP BY 1, 2, 3 ON CONFLICT DO NOTHING");
  }

  Options o_;
  Database database_;
  std::map<std::int64_t, Character> characters_;
  std::string ids_;
  std::vector<Job> jobs_;
};

int seed(int argc, char** argv) {
  Options o;
  const std::map<std::string, std::int64_t*> numbers{{"--seed", &o.seed},
                                                     {"--every", &o.every},
                                                     {"--days", &o.days},
                                                     {"--raw-days", &o.raw_days},
                                                     {"--hour-days", &o.hour_days}};
  const std::map<std::string, std::string*> texts{{"--database-url", &o.url}, {"--monitors", &o.monitors}};
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i];
    if (i + 1 == argc) throw std::runtime_error(name + " needs a value");
    if (const auto number = numbers.find(name); number != numbers.end())
      *number->second = std::stoll(argv[i + 1]);
    else if (const auto text = texts.find(name); text != texts.end())
      *text->second = argv[i + 1];
    else
      throw std::runtime_error("unknown option " + name);
  }
  if (o.url.empty() || o.monitors.empty())
    throw std::runtime_error("--database-url and --monitors are required");
  if (o.every < 30) throw std::runtime_error("--every is at least 30: results by the minute are not written");
  Past(o).run();
  return 0;
}

}  // namespace
}  // namespace openseer::bench

int main(int argc, char** argv) {
  try {
    return openseer::bench::seed(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "bench_seed_past: " << error.what() << '\n';
    return 1;
  }
}
