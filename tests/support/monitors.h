#pragma once

#include <cstdint>

#include "base/clock.h"
#include "pg/pool.h"
#include "support/loop.h"

namespace openseer::test {

// A monitor's rows, written by hand: for tests of the stages, which must not
// depend on the API that usually writes them.
struct PlantedJob {
  std::int64_t workspace_id = 0;
  std::int64_t monitor_id = 0;
  std::int64_t job_id = 0;
  Instant first_slot;
};

// A worker of the region, made when new.
std::int32_t plant_worker(Loop& loop, pg::Pool& pool, const std::string& region);

// One monitor with one job in `region` (made when new), due since `age` ago and
// checked every `interval`, in a workspace of its own.
PlantedJob plant_job(Loop& loop, pg::Pool& pool, const std::string& region, Seconds interval,
                     Microseconds age = Microseconds{0});

// Another region for the monitor of `job`.
PlantedJob plant_sibling(Loop& loop, pg::Pool& pool, const PlantedJob& job, const std::string& region);

// Runs one statement given as text; its rows.
pg::Rows run_sql(Loop& loop, pg::Pool& pool, const std::string& sql);
std::int64_t count_sql(Loop& loop, pg::Pool& pool, const std::string& sql);

}  // namespace openseer::test
