#pragma once

#include <map>
#include <optional>
#include <string>

#include "app/commands.h"
#include "app/control_plane_options.h"

namespace openseer::app {

struct UpOptions {
  std::string data_directory;
  std::optional<std::string> database_url;  // nothing: a private PostgreSQL
  int workers = 1;
  ControlPlaneOptions plane;
  // What was given of the control plane's options, by environment variable: its
  // process is told the same way.
  std::map<std::string, std::string> plane_variables;
};

constexpr int kMostWorkers = 64;

// As options::read().
std::optional<int> read_up_options(UpOptions& into, const Arguments& arguments);

}  // namespace openseer::app
