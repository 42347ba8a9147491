#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "base/options.h"
#include "domain/monitor.h"

// What `openseer check` can be told: curl's common spellings, and assertions.
namespace openseer::cli {

enum class Color { kAuto, kAlways, kNever };

struct CheckOptions {
  domain::MonitorSpec spec;  // completed and validated
  int repeats = 1;
  Milliseconds pause{0};  // between repeats
  bool json = false;
  bool show_headers = false;
  bool quiet = false;  // the exit status alone
  Color color = Color::kAuto;
};

// Fills `into`. Nothing: go on. Otherwise the process's exit code: 0 after
// --help, 2 after one line on `err` per thing that is wrong. Files (-d @FILE,
// --cacert, --cert, --key) are read here.
std::optional<int> read_check_options(const std::vector<std::string>& arguments,
                                      const options::Environment& environment, std::ostream& out,
                                      std::ostream& err, CheckOptions& into);

}  // namespace openseer::cli
