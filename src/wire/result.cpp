#include "wire/result.h"

#include "wire/time.h"

namespace openseer::wire {
namespace {

constexpr Microseconds kLongestPhase = std::chrono::minutes{30};
constexpr std::uint32_t kLargestStatus = 999;
constexpr std::size_t kLongestMessage = 4096;
constexpr std::size_t kLongestAddress = 64;

bool read_phase(const google::protobuf::Duration& proto, Microseconds& out) {
  const auto phase = from_proto(proto);
  if (!phase || *phase < Microseconds{0} || *phase > kLongestPhase) return false;
  out = *phase;
  return true;
}

// The first field that is wrong; empty when all are taken over into `phases`.
std::string_view read_phases(const v1::Phases& proto, domain::Phases& phases) {
  if (!read_phase(proto.dns(), phases.dns)) return "phases.dns";
  if (!read_phase(proto.connect(), phases.connect)) return "phases.connect";
  if (!read_phase(proto.tls(), phases.tls)) return "phases.tls";
  if (!read_phase(proto.wait(), phases.wait)) return "phases.wait";
  if (!read_phase(proto.download(), phases.download)) return "phases.download";
  if (!read_phase(proto.total(), phases.total)) return "phases.total";
  return {};
}

std::string_view read_answer(const v1::Result& proto, domain::Measurement& m) {
  if (proto.http_status() > kLargestStatus) return "http_status";
  if (!v1::HttpVersion_IsValid(proto.http_version())) return "http_version";
  if (proto.remote_address().size() > kLongestAddress) return "remote_address";
  m.http_status = static_cast<int>(proto.http_status());
  m.http_version = static_cast<domain::HttpVersion>(proto.http_version());
  m.remote_address = proto.remote_address();
  m.body_bytes = proto.body_bytes();
  if (proto.has_certificate_expires_at()) {
    m.certificate_expires_at = from_proto(proto.certificate_expires_at());
    if (!m.certificate_expires_at) return "certificate_expires_at";
  }
  return {};
}

std::string_view read_verdict(const v1::Result& proto, domain::CheckResult& result) {
  if (!v1::Outcome_IsValid(proto.outcome()) || proto.outcome() == v1::OUTCOME_UNSPECIFIED) return "outcome";
  result.outcome = static_cast<domain::Outcome>(proto.outcome());
  const bool blemished = result.outcome != domain::Outcome::kOk;
  if (!v1::Reason_IsValid(proto.reason()) || (proto.reason() != v1::REASON_UNSPECIFIED) != blemished)
    return "reason";
  result.measurement.reason = static_cast<domain::Reason>(proto.reason());
  if (proto.message().size() > kLongestMessage) return "message";
  result.measurement.message = proto.message();
  return {};
}

}  // namespace

v1::Outcome to_proto(domain::Outcome outcome) { return static_cast<v1::Outcome>(outcome); }
v1::Reason to_proto(domain::Reason reason) { return static_cast<v1::Reason>(reason); }
v1::HttpVersion to_proto(domain::HttpVersion version) { return static_cast<v1::HttpVersion>(version); }

v1::Phases to_proto(const domain::Phases& phases) {
  v1::Phases proto;
  *proto.mutable_dns() = to_proto(phases.dns);
  *proto.mutable_connect() = to_proto(phases.connect);
  *proto.mutable_tls() = to_proto(phases.tls);
  *proto.mutable_wait() = to_proto(phases.wait);
  *proto.mutable_download() = to_proto(phases.download);
  *proto.mutable_total() = to_proto(phases.total);
  return proto;
}

v1::Result to_proto(const domain::CheckResult& result) {
  const domain::Measurement& m = result.measurement;
  v1::Result proto;
  *proto.mutable_started_at() = to_proto(result.started_at);
  proto.set_outcome(to_proto(result.outcome));
  proto.set_reason(to_proto(m.reason));
  proto.set_http_status(static_cast<std::uint32_t>(m.http_status));
  proto.set_http_version(to_proto(m.http_version));
  *proto.mutable_phases() = to_proto(m.phases);
  proto.set_remote_address(m.remote_address);
  proto.set_body_bytes(m.body_bytes);
  if (m.certificate_expires_at) *proto.mutable_certificate_expires_at() = to_proto(*m.certificate_expires_at);
  proto.set_message(m.message);
  return proto;
}

Result<domain::CheckResult> from_proto(const v1::Result& proto) {
  domain::CheckResult result;
  std::string_view wrong = read_verdict(proto, result);
  if (wrong.empty()) wrong = read_answer(proto, result.measurement);
  if (wrong.empty()) wrong = read_phases(proto.phases(), result.measurement.phases);
  if (wrong.empty()) {
    const auto started_at = from_proto(proto.started_at());
    if (started_at && proto.has_started_at())
      result.started_at = *started_at;
    else
      wrong = "started_at";
  }
  if (!wrong.empty()) return invalid({{std::string(wrong), "missing or out of range"}});
  return result;
}

}  // namespace openseer::wire
