#pragma once

#include <array>
#include <span>
#include <string_view>

// Files that the build put inside the binary (cmake/embed.py).
namespace openseer::embedded {

struct File {
  std::string_view path;    // relative, with '/', as below the embedded folder
  std::string_view digest;  // hex of the content's SHA-256, 32 digits
  std::string_view content;
  std::string_view brotli;  // empty when compressing does not pay
  std::string_view gzip;    // likewise
};

// Both sorted by path, and valid for the life of the process.
std::span<const File> web_assets();
std::span<const File> migration_files();

}  // namespace openseer::embedded
