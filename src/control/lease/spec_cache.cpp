#include "control/lease/spec_cache.h"

#include <unordered_set>

#include "pg/pool.h"
#include "store/specs.h"

namespace openseer::control {

SpecCache::SpecCache(pg::Pool& pool, const pki::SecretBox& secrets, std::size_t capacity)
    : pool_(pool), secrets_(secrets), capacity_(capacity) {}

asio::awaitable<std::vector<SpecCache::Spec>> SpecCache::get(const std::vector<domain::LeasedJob>& jobs) {
  std::unordered_set<std::int64_t> missing;
  for (const domain::LeasedJob& job : jobs) {
    const auto entry = entries_.find(job.monitor_id);
    if (entry == entries_.end() || entry->second.version < job.spec_version) missing.insert(job.monitor_id);
  }
  if (!missing.empty()) {
    std::vector<std::int64_t> ids(missing.begin(), missing.end());
    std::vector<store::VersionedSpec> loaded = co_await store::load_specs(pool_, secrets_, std::move(ids));
    // Starting over is rare and bounded by one query a batch; order of use is not tracked.
    if (entries_.size() + loaded.size() > capacity_) entries_.clear();
    for (store::VersionedSpec& one : loaded) entries_[one.monitor_id] = {one.version, std::move(one.spec)};
  }
  std::vector<Spec> specs;
  specs.reserve(jobs.size());
  for (const domain::LeasedJob& job : jobs) {
    const auto entry = entries_.find(job.monitor_id);
    const bool current = entry != entries_.end() && entry->second.version == job.spec_version;
    specs.push_back(current ? entry->second.spec : nullptr);
  }
  co_return specs;
}

}  // namespace openseer::control
