#include "domain/monitor.h"

#include <algorithm>

#include "domain/text.h"
#include "domain/url.h"

namespace openseer::domain {
namespace {

void trim(std::string& text) { text = std::string(trimmed(text)); }

void sort_once_each(std::vector<std::string>& list) {
  std::ranges::sort(list);
  const auto repeated = std::ranges::unique(list);
  list.erase(repeated.begin(), repeated.end());
}

}  // namespace

void complete(MonitorSpec& spec) {
  trim(spec.url);
  trim(spec.name);
  if (spec.name.empty()) spec.name = host_of(spec.url).substr(0, 200);
  if (spec.regions.empty()) spec.regions.emplace_back(kGlobalRegion);
  sort_once_each(spec.regions);
  for (std::string& tag : spec.tags) trim(tag);
  sort_once_each(spec.tags);
}

}  // namespace openseer::domain
