#include "wire/time.h"

namespace openseer::wire {
namespace {

constexpr std::int64_t kMicros = 1'000'000;
constexpr std::int64_t kFirstSecond = -62'135'596'800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t kLastSecond = 253'402'300'799;   // 9999-12-31T23:59:59Z
constexpr std::int64_t kLongest = 315'576'000'000;      // 10,000 years
constexpr std::int32_t kNanos = 1'000'000'000;

}  // namespace

google::protobuf::Timestamp to_proto(Instant instant) {
  const std::int64_t us = instant.time_since_epoch().count();
  std::int64_t seconds = us / kMicros;
  std::int64_t rest = us % kMicros;
  if (rest < 0) {  // before 1970: nanoseconds count forward
    seconds -= 1;
    rest += kMicros;
  }
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(static_cast<std::int32_t>(rest * 1000));
  return timestamp;
}

google::protobuf::Duration to_proto(Microseconds us) {
  google::protobuf::Duration duration;
  duration.set_seconds(us.count() / kMicros);
  duration.set_nanos(static_cast<std::int32_t>(us.count() % kMicros * 1000));
  return duration;
}

std::optional<Instant> from_proto(const google::protobuf::Timestamp& t) {
  if (t.seconds() < kFirstSecond || t.seconds() > kLastSecond || t.nanos() < 0 || t.nanos() >= kNanos)
    return std::nullopt;
  return Instant{Microseconds{t.seconds() * kMicros + t.nanos() / 1000}};
}

std::optional<Microseconds> from_proto(const google::protobuf::Duration& d) {
  if (d.seconds() < -kLongest || d.seconds() > kLongest || d.nanos() <= -kNanos || d.nanos() >= kNanos)
    return std::nullopt;
  if ((d.seconds() > 0 && d.nanos() < 0) || (d.seconds() < 0 && d.nanos() > 0)) return std::nullopt;
  return Microseconds{d.seconds() * kMicros + d.nanos() / 1000};
}

}  // namespace openseer::wire
