#include "worker/enrollment.h"

#include <random>

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include "base/log.h"
#include "http/client.h"
#include "openseer/v1/worker_service.pb.h"
#include "pki/authority.h"
#include "worker/backoff.h"

namespace openseer::worker {
namespace {

namespace json = google::protobuf::util;

constexpr Seconds kTimeout{15};
constexpr Milliseconds kFirstRetry{500};
constexpr Milliseconds kLastRetry{15'000};

Refusal refused(const std::string& why) { return {Code::kFailedPrecondition, why, {}}; }
Refusal away(const std::string& why) { return {Code::kUnavailable, why, {}}; }

bool worth_another_try(int status) { return status >= 500 || status == 429 || status == 408; }

// The message of a Connect error (JSON), or the status.
std::string reason_of(const http::PostResult& answer) {
  google::protobuf::Struct error;
  if (json::JsonStringToMessage(answer.body, &error).ok()) {
    const auto message = error.fields().find("message");
    if (message != error.fields().end() && !message->second.string_value().empty())
      return message->second.string_value();
  }
  return "HTTP status " + std::to_string(answer.status);
}

Result<std::string> fetch_ca(const std::string& server_url, const EnrollmentToken& token) {
  const http::PostResult answer = http::get_unverified(server_url + "/ca.pem", kTimeout);
  if (answer.status != 200) {
    const std::string why = server_url + "/ca.pem: " + reason_of(answer);
    return worth_another_try(answer.status) ? away(why) : refused(why);
  }
  if (pki::certificate_fingerprint(answer.body) != token.ca_fingerprint) {
    return refused("the server at " + server_url +
                   " is not the one that made the token: its CA has another fingerprint");
  }
  return answer.body;
}

Result<Identity> identity_from(const std::string& body, const std::string& private_key_pem,
                               const EnrollmentToken& token) {
  v1::EnrollResponse response;
  json::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  if (!json::JsonStringToMessage(body, &response, options).ok())
    return refused("the server's answer to the enrolment is not understood");
  const auto worker = pki::worker_identity(response.certificate_pem());
  if (!worker || std::to_string(worker->worker_id) != response.worker_id() ||
      pki::certificate_fingerprint(response.ca_certificate_pem()) != token.ca_fingerprint ||
      !pki::issued_for(response.certificate_pem(), private_key_pem, response.ca_certificate_pem()))
    return refused("the server's answer to the enrolment does not fit this worker's request");
  return Identity{private_key_pem, response.certificate_pem(), response.ca_certificate_pem(),
                  worker->worker_id};
}

Result<Identity> try_once(const std::string& server_url, const EnrollmentToken& token,
                          const std::string& name, const pki::KeyAndRequest& request) {
  const Result<std::string> ca = fetch_ca(server_url, token);
  if (!ca) return ca.error();
  v1::EnrollRequest message;
  message.set_token(token.secret);
  message.set_name(name);
  message.set_certificate_request_pem(request.request_pem);
  std::string body;
  if (!json::MessageToJsonString(message, &body).ok()) return refused("the worker's name is not valid UTF-8");
  const http::PostResult answer =
      http::post_json(server_url + "/openseer.v1.EnrollmentService/Enroll", body, *ca, kTimeout);
  if (worth_another_try(answer.status)) return away("enrolment: " + reason_of(answer));
  if (answer.status != 200) return refused("enrolment was refused: " + reason_of(answer));
  return identity_from(answer.body, request.private_key_pem, token);
}

}  // namespace

std::optional<EnrollmentToken> parse_token(std::string_view text) {
  constexpr std::size_t kFingerprint = 64;
  const std::size_t dot = text.find('.');
  if (dot == 0 || dot == std::string_view::npos) return std::nullopt;
  const std::string_view fingerprint = text.substr(dot + 1);
  if (fingerprint.size() != kFingerprint ||
      fingerprint.find_first_not_of("0123456789abcdef") != std::string_view::npos)
    return std::nullopt;
  return EnrollmentToken{std::string(text.substr(0, dot)), std::string(fingerprint)};
}

Result<Identity> enroll(const std::string& server_url, const EnrollmentToken& token, const std::string& name,
                        const Wait& wait) {
  std::mt19937_64 engine{std::random_device{}()};
  Backoff backoff(kFirstRetry, kLastRetry,
                  [&engine] { return std::uniform_real_distribution<double>(0, 1)(engine); });
  const pki::KeyAndRequest request = pki::make_certificate_request();
  while (true) {
    Result<Identity> identity = away("");
    try {
      identity = try_once(server_url, token, name, request);
    } catch (const std::runtime_error& error) {
      identity = away(error.what());
    }
    if (identity || identity.error().code != Code::kUnavailable) return identity;
    log::warning("cannot enrol yet; trying again", {{"reason", identity.error().message}});
    if (!wait(Milliseconds{100} + backoff.next())) return Refusal{Code::kCanceled, "stopped", {}};
  }
}

}  // namespace openseer::worker
