#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

// C++ values as PostgreSQL's binary formats, both ways. The C++ type decides
// the parameter's type: int64_t is bigint, string is text, Instant timestamptz,
// Microseconds (and coarser) interval, Bytes bytea, vector<T> an array of T,
// optional<T> a T or null.
namespace openseer::pg {

struct Bytes {
  std::string data;
  bool operator==(const Bytes&) const = default;
};

struct Param {
  std::uint32_t type = 0;
  std::optional<std::string> value;
};
using Params = std::vector<Param>;

namespace detail {

template <class U>
void put(std::string& out, U value) {
  for (int shift = static_cast<int>(sizeof(U)) * 8 - 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> shift));
  }
}

template <class U>
U take(std::string_view bytes) {
  if (bytes.size() != sizeof(U)) throw std::logic_error("pg: a column has another type than its reader");
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return static_cast<U>(value);
}

// PostgreSQL counts from 2000-01-01.
inline constexpr std::int64_t kEpochOffset = 946'684'800'000'000;

}  // namespace detail

// How T looks on the wire: type and array OIDs, encode and decode.
template <class T>
struct Codec;

template <>
struct Codec<bool> {
  static constexpr std::uint32_t kType = 16, kArray = 1000;
  static std::string encode(bool v) { return std::string(1, v ? '\1' : '\0'); }
  static bool decode(std::string_view b) { return detail::take<std::uint8_t>(b) != 0; }
};
template <class I, std::uint32_t Type, std::uint32_t Array>
struct IntegerCodec {
  static constexpr std::uint32_t kType = Type, kArray = Array;
  static std::string encode(I v) {
    std::string out;
    detail::put(out, static_cast<std::make_unsigned_t<I>>(v));
    return out;
  }
  static I decode(std::string_view b) { return static_cast<I>(detail::take<std::make_unsigned_t<I>>(b)); }
};
template <>
struct Codec<std::int16_t> : IntegerCodec<std::int16_t, 21, 1005> {};
template <>
struct Codec<std::int32_t> : IntegerCodec<std::int32_t, 23, 1007> {};
template <>
struct Codec<std::int64_t> : IntegerCodec<std::int64_t, 20, 1016> {};
template <>
struct Codec<double> {
  static constexpr std::uint32_t kType = 701, kArray = 1022;
  static std::string encode(double v) { return Codec<std::int64_t>::encode(std::bit_cast<std::int64_t>(v)); }
  static double decode(std::string_view b) { return std::bit_cast<double>(Codec<std::int64_t>::decode(b)); }
};
template <>
struct Codec<std::string> {
  static constexpr std::uint32_t kType = 25, kArray = 1009;
  static std::string encode(std::string v) { return v; }
  static std::string decode(std::string_view b) { return std::string(b); }
};
template <>
struct Codec<Bytes> {
  static constexpr std::uint32_t kType = 17, kArray = 1001;
  static std::string encode(Bytes v) { return std::move(v.data); }
  static Bytes decode(std::string_view b) { return {std::string(b)}; }
};
template <>
struct Codec<Instant> {
  static constexpr std::uint32_t kType = 1184, kArray = 1185;
  static std::string encode(Instant v) {
    return Codec<std::int64_t>::encode(v.time_since_epoch().count() - detail::kEpochOffset);
  }
  static Instant decode(std::string_view b) {
    return Instant{Microseconds{Codec<std::int64_t>::decode(b) + detail::kEpochOffset}};
  }
};
template <>
struct Codec<Microseconds> {
  static constexpr std::uint32_t kType = 1186, kArray = 1187;
  static std::string encode(Microseconds v) {
    std::string out = Codec<std::int64_t>::encode(v.count());
    out.append(8, '\0');  // days, months
    return out;
  }
  // A day is 24 hours; months do not occur.
  static Microseconds decode(std::string_view b) {
    if (b.size() != 16) throw std::logic_error("pg: a column has another type than its reader");
    return Microseconds{Codec<std::int64_t>::decode(b.substr(0, 8))} +
           std::chrono::hours{24} * Codec<std::int32_t>::decode(b.substr(8, 4));
  }
};

// Arrays of one dimension without nulls, or with when T is optional.
template <class T>
struct Codec<std::optional<T>> : Codec<T> {};

namespace detail {
void array_header(std::string& out, std::uint32_t element, std::size_t size);
// The elements of a one-dimensional array; a null is an empty optional.
std::vector<std::optional<std::string_view>> array_elements(std::string_view bytes);
}  // namespace detail

template <class T>
Param param(const T& value) {
  return {Codec<T>::kType, Codec<T>::encode(value)};
}
inline Param param(std::string_view value) { return {Codec<std::string>::kType, std::string(value)}; }
inline Param param(const char* value) { return param(std::string_view(value)); }
inline Param param(Seconds value) { return param(Microseconds{value}); }
inline Param param(Milliseconds value) { return param(Microseconds{value}); }
template <class T>
Param param(const std::optional<T>& value) {
  if (!value) return {Codec<T>::kType, std::nullopt};
  return param(*value);
}
template <class T>
Param param(const std::vector<T>& values) {
  std::string out;
  detail::array_header(out, Codec<T>::kType, values.size());
  for (const auto& value : values) {
    const Param one = param(static_cast<const T&>(value));
    if (!one.value) {
      detail::put(out, std::uint32_t{0xffffffff});
      continue;
    }
    detail::put(out, static_cast<std::uint32_t>(one.value->size()));
    out += *one.value;
  }
  return {Codec<T>::kArray, std::move(out)};
}

// The parameters of a statement, in order.
template <class... T>
Params bind(const T&... values) {
  Params params;
  params.reserve(sizeof...(T));
  (params.push_back(param(values)), ...);
  return params;
}

}  // namespace openseer::pg
