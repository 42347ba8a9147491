#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/options.h"

namespace openseer::app {

struct LogOptions {
  log::Level level = log::Level::kInfo;
  std::optional<log::Format> format;  // nothing: for people on a terminal, JSON otherwise
};

std::vector<options::Option> log_options(LogOptions& into);
void start_log(const LogOptions& options, std::string component);

}  // namespace openseer::app
