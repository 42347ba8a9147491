#include "control/lease/spec_cache.h"

#include <utility>

#include "pg/pool.h"
#include "store/specs.h"

namespace openseer::control {
namespace {

// What an entry takes, near enough.
std::size_t size_of(const domain::MonitorSpec& spec) {
  constexpr std::size_t kTables = 100;  // the entry's node, the shared pointer's block
  std::size_t size = sizeof spec + kTables + spec.name.size() + spec.url.size() + spec.body.size() +
                     spec.tls.ca_pem.size() + spec.tls.client_certificate_pem.size() +
                     spec.tls.client_key_pem.size();
  for (const domain::Header& header : spec.headers)
    size += sizeof header + header.name.size() + header.value.size();
  for (const domain::Assertion& assertion : spec.assertions)
    size += sizeof assertion + assertion.property.size() + assertion.target.size();
  for (const std::string& tag : spec.tags) size += sizeof tag + tag.size();
  return size;
}

}  // namespace

SpecCache::SpecCache(pg::Pool& pool, const pki::SecretBox& secrets, std::size_t bytes)
    : pool_(pool), secrets_(secrets), limit_(bytes) {}

// An older one that is asked for is young again.
const SpecCache::Entry* SpecCache::find(std::int64_t monitor_id) {
  if (const auto entry = entries_.find(monitor_id); entry != entries_.end()) return &entry->second;
  const auto entry = older_.find(monitor_id);
  if (entry == older_.end()) return nullptr;
  Entry found = std::move(entry->second);
  older_.erase(entry);
  older_bytes_ -= size_of(*found.spec);
  put(monitor_id, std::move(found));
  return &entries_.at(monitor_id);
}

void SpecCache::put(std::int64_t monitor_id, Entry entry) {
  const std::size_t size = size_of(*entry.spec);
  if (bytes_ + size > limit_ / 2 && !entries_.empty()) {
    older_ = std::exchange(entries_, {});
    older_bytes_ = std::exchange(bytes_, 0);
  }
  Entry& place = entries_[monitor_id];
  if (place.spec) bytes_ -= size_of(*place.spec);
  place = std::move(entry);
  bytes_ += size;
}

asio::awaitable<SpecCache::Specs> SpecCache::get(std::vector<domain::LeasedJob> jobs) {
  Specs specs;
  std::unordered_map<std::int64_t, std::int64_t> missing;  // monitor: version
  for (const domain::LeasedJob& job : jobs) {
    const Entry* entry = find(job.monitor_id);
    if (entry != nullptr && entry->version == job.spec_version)
      specs[job.monitor_id] = entry->spec;
    else if (entry == nullptr || entry->version < job.spec_version)
      missing[job.monitor_id] = job.spec_version;
  }
  if (missing.empty()) co_return specs;
  std::vector<std::int64_t> ids;
  for (const auto& [id, version] : missing) ids.push_back(id);
  for (store::VersionedSpec& one : co_await store::load_specs(pool_, secrets_, std::move(ids))) {
    if (one.version == missing.at(one.monitor_id)) specs[one.monitor_id] = one.spec;
    put(one.monitor_id, {one.version, std::move(one.spec)});
  }
  co_return specs;
}

}  // namespace openseer::control
