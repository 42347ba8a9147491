#pragma once

#include <optional>

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include "base/clock.h"

// Time as protobuf writes it. Fractions below 1 us are cut off.
namespace openseer::wire {

google::protobuf::Timestamp to_proto(Instant instant);
google::protobuf::Duration to_proto(Microseconds duration);

// Nothing outside what the messages may hold: years 1 to 9999, 10,000 years
// either way, nanoseconds below a second and of the seconds' sign.
std::optional<Instant> from_proto(const google::protobuf::Timestamp& timestamp);
std::optional<Microseconds> from_proto(const google::protobuf::Duration& duration);

}  // namespace openseer::wire
