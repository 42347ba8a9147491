#pragma once

#include <filesystem>
#include <string>

namespace openseer::pg {

// postgresql.conf's settings for a private cluster on this machine, which
// listens in the directory `socket` alone. `timescale`: its library is there.
std::string cluster_configuration(const std::filesystem::path& socket, bool timescale);

}  // namespace openseer::pg
