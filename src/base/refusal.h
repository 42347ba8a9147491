#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/system/result.hpp>

// An expected "no": a value in the signature, never an exception. Broken
// infrastructure throws, a bug aborts, a target's failure is data.
namespace openseer {

// The subset of the canonical codes (gRPC, Connect) that this program answers.
enum class Code {
  kInvalidArgument,
  kNotFound,
  kAlreadyExists,
  kPermissionDenied,
  kUnauthenticated,
  kResourceExhausted,
  kFailedPrecondition,
  kUnavailable,
  kDeadlineExceeded,
  kCanceled,
  kUnimplemented,
  kInternal,
};

// One field of a request that is wrong: its path ("spec.headers[0].name") and
// what a person should know, as a sentence without the field's name.
struct FieldViolation {
  std::string field;
  std::string description;
  bool operator==(const FieldViolation&) const = default;
};

struct Refusal {
  Code code = Code::kInternal;
  std::string message;
  std::vector<FieldViolation> violations;
};

// A refusal for `violations`, which must not be empty.
Refusal invalid(std::vector<FieldViolation> violations);

template <class T>
using Result = boost::system::result<T, Refusal>;

// Called by Result::value() on a refusal: asking for a value that is known to
// be refused is a bug.
[[noreturn]] void throw_exception_from_error(const Refusal& refusal, const boost::source_location& where);

}  // namespace openseer
