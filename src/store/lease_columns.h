#pragma once

#include <cstdint>
#include <vector>

#include "domain/lease.h"

namespace openseer::store {

// As SQL over app.jobs: the jobs of "$1", or of "ANY ($1)".
#define JOBS_OF(monitors) "id IN (SELECT job_id FROM app.monitor_regions WHERE monitor_id = " monitors ")"

// As SQL over app.jobs: a job that no worker holds, or none any more.
#define NOT_LEASED "(leased_until IS NULL OR leased_until <= now())"

// Leases as parallel arrays, as statements take them.
struct LeaseColumns {
  std::vector<std::int64_t> jobs, fences;
  std::vector<Instant> slots;
  void add(const domain::Lease& lease) {
    jobs.push_back(lease.job_id);
    fences.push_back(lease.fence);
    slots.push_back(lease.slot);
  }
  explicit LeaseColumns(const std::vector<domain::Lease>& leases) {
    for (const domain::Lease& lease : leases) add(lease);
  }
  LeaseColumns() = default;
};

}  // namespace openseer::store
