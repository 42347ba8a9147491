#pragma once

#include <string>
#include <vector>

#include "domain/monitor.h"
#include "domain/result.h"

// What `openseer check` shows on a terminal: text, from a result.
namespace openseer::cli {

struct Style {
  bool color = false;
  bool unicode = true;
  int width = 80;  // columns
  bool show_headers = false;
};

// One check: a waterfall of all hops on one time axis, the connection, the
// certificate, and the verdict last.
std::string report(const domain::MonitorSpec& spec, const domain::CheckResult& result, Instant now,
                   const Style& style);

// One line a check, for repeats.
std::string line(int number, const domain::CheckResult& result, const Style& style);

// After repeats: how many were ok, and percentiles of each phase over those.
std::string summary(const std::vector<domain::CheckResult>& results, const Style& style);

// Exact percentile of `values` (any order) at q in [0, 1], interpolated between
// neighbours; zero without values.
Microseconds percentile(std::vector<Microseconds> values, double q);

}  // namespace openseer::cli
