#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace openseer::http {

// One gzip member (RFC 1952) at zlib's fastest level: the answers are small (an
// RPC's), so this takes microseconds and may run on an I/O thread.
std::string gzip(std::string_view bytes);

enum class GunzipError { kInvalid, kTooLarge };

// Undoes gzip. `error` says why when the result is empty; never makes more than
// `limit` bytes.
std::optional<std::string> gunzip(std::string_view bytes, std::size_t limit, GunzipError& error);

}  // namespace openseer::http
