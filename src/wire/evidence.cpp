#include "wire/evidence.h"

#include "wire/result.h"
#include "wire/time.h"

namespace openseer::wire {
namespace {

constexpr std::size_t kMostBytes = 128 * 1024;

void write(const domain::CertificateSummary& from, v1::CertificateSummary& to) {
  to.set_subject(from.subject);
  to.set_issuer(from.issuer);
  for (const std::string& name : from.names) to.add_names(name);
  *to.mutable_not_before() = to_proto(from.not_before);
  *to.mutable_not_after() = to_proto(from.not_after);
  to.set_fingerprint(from.sha256);
}

void write(const domain::Hop& from, v1::Hop& to) {
  to.set_url(from.url);
  to.set_method(from.method);
  to.set_status(static_cast<std::uint32_t>(std::max(from.status, 0)));
  to.set_http_version(to_proto(from.http_version));
  *to.mutable_phases() = to_proto(from.phases);
  for (const domain::AddressAttempt& attempt : from.attempts) {
    v1::AddressAttempt& out = *to.add_attempts();
    out.set_address(attempt.address);
    out.set_reason(to_proto(attempt.reason));
    *out.mutable_elapsed() = to_proto(attempt.elapsed);
  }
  to.set_remote_address(from.remote_address);
  to.set_tls_version(static_cast<v1::TlsVersion>(from.tls_version));
  to.set_cipher(from.cipher);
  for (const domain::CertificateSummary& certificate : from.chain) write(certificate, *to.add_chain());
  for (const domain::ResponseHeader& header : from.headers) {
    v1::ResponseHeader& out = *to.add_headers();
    out.set_name(header.name);
    out.set_value(header.value);
  }
  to.set_reused_connection(from.reused_connection);
}

}  // namespace

v1::Evidence to_proto(const domain::Details& details) {
  v1::Evidence evidence;
  for (const domain::Hop& hop : details.hops) write(hop, *evidence.add_hops());
  evidence.set_final_url(details.final_url);
  evidence.set_wire_bytes(details.wire_bytes);
  evidence.set_body(details.body);
  evidence.set_body_truncated(details.body_truncated);
  for (const domain::AssertionFailure& failure : details.failures) {
    v1::AssertionFailure& out = *evidence.add_failures();
    out.set_index(failure.index);
    out.set_degraded(failure.degraded);
    out.set_message(failure.message);
  }
  return evidence;
}

std::string stored_evidence(const v1::Evidence& evidence) {
  const std::size_t size = evidence.ByteSizeLong();
  return size == 0 || size > kMostBytes ? std::string() : evidence.SerializeAsString();
}

v1::Evidence read_evidence(const std::string& stored) {
  v1::Evidence evidence;
  if (!evidence.ParseFromString(stored)) evidence.Clear();
  return evidence;
}

}  // namespace openseer::wire
