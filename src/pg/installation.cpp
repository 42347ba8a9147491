#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <stdexcept>

#include <unistd.h>

#include "pg/private_cluster.h"

namespace openseer::pg {
namespace {

namespace fs = std::filesystem;
constexpr int kOldest = 15;

// The first line that a program prints.
std::string output_of(const std::string& command) {
  std::FILE* pipe = popen((command + " 2>/dev/null").c_str(), "re");
  if (pipe == nullptr) return "";
  char line[512] = "";
  const bool got = std::fgets(line, sizeof line, pipe) != nullptr;
  pclose(pipe);
  std::string text = got ? line : "";
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::string quoted(const std::string& path) {
  std::string out = "'";
  for (const char c : path) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// The major version of the server in `binaries`; 0 when there is none.
int version_of(const fs::path& binaries) {
  if (access((binaries / "initdb").c_str(), X_OK) != 0 || access((binaries / "postgres").c_str(), X_OK) != 0)
    return 0;
  const std::string said = output_of(quoted(binaries / "postgres") + " --version");
  const std::string before = "(PostgreSQL) ";
  const std::size_t at = said.find(before);
  return at == std::string::npos ? 0 : std::atoi(said.c_str() + at + before.size());
}

// Debian's places, what pg_config says, and the PATH.
std::set<fs::path> candidates() {
  std::set<fs::path> out;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", error))
    out.insert(entry.path() / "bin");
  if (const std::string told = output_of("pg_config --bindir"); !told.empty()) out.insert(told);
  const char* path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe): before threads start
  std::string_view rest = path == nullptr ? "" : path;
  while (!rest.empty()) {
    const std::string_view one = rest.substr(0, rest.find(':'));
    if (!one.empty()) out.insert(one);
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
  }
  return out;
}

}  // namespace

Installation find_installation(int major) {
  Installation best;
  for (const fs::path& directory : candidates()) {
    const int version = version_of(directory);
    const bool wanted = major == 0 ? version >= kOldest : version == major;
    if (wanted && version > best.major) best = {directory, version};
  }
  if (best.major != 0) return best;
  if (major != 0) {
    const std::string number = std::to_string(major);
    throw std::runtime_error("the data directory was made by PostgreSQL " + number +
                             ", which is not installed: install the package postgresql-" + number);
  }
  throw std::runtime_error(
      "PostgreSQL 15 or newer is not installed: install the package postgresql, or set DATABASE_URL to use a "
      "server that runs elsewhere");
}

}  // namespace openseer::pg
