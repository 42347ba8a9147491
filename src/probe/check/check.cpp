#include "probe/check/check.h"

#include <algorithm>
#include <array>

#include "probe/check/proxy_route.h"
#include "probe/http/compose.h"
#include "probe/http/digest.h"
#include "probe/plain_text.h"

namespace openseer::probe {
namespace {

using domain::AuthScheme;
using domain::HttpPolicy;
using domain::Reason;
using http::Fault;

constexpr std::size_t kEvidence = 16 * 1024;

// The body is kept whole only for those who look at it.
std::size_t kept_bytes(const domain::MonitorSpec& spec, const Limits& limits) {
  for (const domain::Assertion& assertion : spec.assertions) {
    switch (assertion.source) {
      case domain::Source::kBody:
      case domain::Source::kJson:
      case domain::Source::kBodySha256:
        return std::max<std::size_t>(kEvidence, limits.body_bytes);
      default:
        break;
    }
  }
  return kEvidence;
}

bool is_idempotent(std::string_view method) {
  return std::ranges::any_of(std::array{"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"},
                             [method](std::string_view known) { return known == method; });
}

bool is_reset(Reason reason) {
  return reason == Reason::kRequestReset || reason == Reason::kHeaderReset || reason == Reason::kBodyReset ||
         reason == Reason::kConnectionLost;
}

}  // namespace

Check::Check(const domain::MonitorSpec& spec, const Options& options, Io& io, Monotonic started)
    : spec_(spec), options_(options), io_(io), started_(started) {}

Check::~Check() = default;

void Check::start(Monotonic now, Instant wall) {
  wall_ = wall;
  marks_.began = now;
  std::optional<http::Url> url = http::parse_url(spec_.url);
  if (!url) return fail({Reason::kWorker, "the worker cannot read the URL"}, now);
  request_.emplace(spec_, std::move(*url));
  if (spec_.authentication.scheme == AuthScheme::kOauth2) return start_token(now);
  start_hop(now);
}

void Check::start_token(Monotonic now) {
  if (std::optional<std::string> known = io_.token()) {
    take_token(std::move(*known));
    return start_hop(now);
  }
  token_url_ = http::parse_url(spec_.authentication.token_url);
  if (!token_url_) return fail({Reason::kAuthentication, "the worker cannot read the token's URL"}, now);
  fresh_token_ = true;
  start_hop(now);
}

void Check::take_token(std::string token) {
  measurement_.details.secrets.push_back(token);
  bearer_ = std::move(token);
}

const http::Url& Check::url() const { return token_url_ ? *token_url_ : request_->url(); }

// The monitor's own connection settings and secrets are for its own origin.
bool Check::at_home() const { return !token_url_ && request_->at_home(); }

void Check::start_hop(Monotonic now) {
  hop_ = {};
  hop_.url = url().text();
  hop_.method = token_url_ ? "POST" : request_->method();
  marks_ = {};
  marks_.began = now;
  race_.begin(false, false);
  measurement_.body_bytes = measurement_.details.wire_bytes = 0;
  measurement_.details.body.clear();
  measurement_.details.body_truncated = false;
  decided_ = false;
  exchange_ = nullptr;
  denied_.reset();
  connect_fault_.reset();
  if (spec_.http == HttpPolicy::kOnly2 && !url().tls() && !token_url_) {
    return fail({Reason::kHttpVersionRefused,
                 "HTTP/2 is negotiated by TLS, which this URL does not use; prior knowledge needs none"},
                now);
  }
  if (spec_.reuse_connection && redirects_ == 0 && at_home() && !fresh_only_) {
    tls::Report report;
    exchange_ = io_.take_kept(hop_.remote_address, report);
    if (exchange_ != nullptr) {
      marks_.reused = hop_.reused_connection = true;
      take_report(report);
      return begin_exchange();
    }
  }
  start_route(now);
}

void Check::take_report(const tls::Report& report) {
  hop_.tls_version = static_cast<std::int16_t>(report.version);
  hop_.cipher = report.cipher;
  hop_.chain.clear();
  for (const auto& certificate : report.chain) hop_.chain.push_back(*certificate);
  if (!report.chain.empty()) measurement_.certificate_expires_at = report.chain.front()->not_after;
}

void Check::start_exchange(bool http2) {
  exchange_ = io_.make_exchange(http2);
  begin_exchange();
}

void Check::begin_exchange() {
  step_ = Step::kExchange;
  http::ExchangeLimits limits;
  limits.header_bytes = options_.limits.header_bytes;
  limits.decoded_bytes = limits.wire_bytes = options_.limits.body_bytes;
  limits.kept_bytes = token_url_ ? kEvidence : kept_bytes(spec_, options_.limits);
  const bool absolute = proxy_ && !proxy_->socks && !url().tls();
  const std::string_view proxy_credentials = absolute ? std::string_view(proxy_->credentials) : "";
  if (token_url_) {
    exchange_->begin(http::oauth_request(spec_.authentication, *token_url_, options_.user_agent, absolute,
                                         proxy_credentials),
                     limits);
    return;
  }
  exchange_->begin(request_->message(options_.user_agent, authorization(), absolute, proxy_credentials,
                                     wall(marks_.began)),
                   limits);
}

std::string Check::authorization() {
  if (!at_home()) return {};
  const domain::Authentication& own = spec_.authentication;
  switch (own.scheme) {
    case AuthScheme::kBasic:
      return http::basic_credentials(own.username, own.password);
    case AuthScheme::kBearer:
      return http::bearer_credentials(own.token);
    case AuthScheme::kOauth2:
      return http::bearer_credentials(bearer_);
    case AuthScheme::kDigest:
      return std::exchange(digest_, {});
    case AuthScheme::kNone:
      break;
  }
  return {};
}

http::Protocol* Check::conversation() const {
  if (step_ == Step::kTunnel) return tunnel_.get();
  return step_ == Step::kExchange ? exchange_ : nullptr;
}

void Check::on_progress(Monotonic now) {
  if (step_ == Step::kTunnel) {
    if (tunnel_->failed()) return fail(tunnel_->fault(), now);
    if (tunnel_->done()) on_route(now);
    return;
  }
  if (step_ != Step::kExchange) return;
  if (marks_.requested == Monotonic{} && exchange_->request_sent()) marks_.requested = now;
  if (marks_.first_byte == Monotonic{} && exchange_->stage() >= http::Stage::kHeader) marks_.first_byte = now;
  if (exchange_->failed()) return on_exchange_failed(now);
  if (exchange_->stage() >= http::Stage::kBody && !decided_) {
    decided_ = true;
    if (!token_url_ && on_headers(exchange_->answer(), now)) return;
  }
  if (exchange_->done()) on_answer(now);
}

// True when the answer is not the one the check is after.
bool Check::on_headers(const http::Answer& answer, Monotonic now) {
  request_->take_cookies(answer.headers, wall(now));
  if (answer.status == 401 && at_home() && !challenged_ && answer_challenge(answer)) {
    challenged_ = true;
    leave_hop(now);
    bearer_.empty() ? start_hop(now) : start_token(now);
    return true;
  }
  return is_redirect(answer.status) && spec_.max_redirects > 0 && follow(answer, now);
}

// A new request may fare better: with a digest, or with another access token.
bool Check::answer_challenge(const http::Answer& answer) {
  const domain::Authentication& own = spec_.authentication;
  if (own.scheme == AuthScheme::kOauth2 && !fresh_token_) {
    io_.forget_token();
    return true;
  }
  if (own.scheme != AuthScheme::kDigest) return false;
  const auto challenge = http::find_digest_challenge(answer.headers);
  if (!challenge) return false;
  digest_ = http::digest_credentials(*challenge, {.username = own.username,
                                                  .password = own.password,
                                                  .method = request_->method(),
                                                  .target = url().target,
                                                  .cnonce = io_.nonce()});
  return true;
}

bool Check::follow(const http::Answer& answer, Monotonic now) {
  const auto location = answer.headers.find("location");
  if (!location) return false;
  std::optional<http::Url> next = http::resolve(url(), *location);
  if (redirects_ == spec_.max_redirects) {
    const std::string count = std::to_string(redirects_) + (redirects_ == 1 ? " redirect" : " redirects");
    fail({Reason::kRedirectLimit, "still redirected after " + count}, now);
  } else if (!next) {
    fail({Reason::kRedirectInvalid, "the answer redirects to something that is not an http or https URL"},
         now);
  } else {
    const int status = answer.status;
    leave_hop(now);
    ++redirects_;
    request_->redirect(status, std::move(*next));
    start_hop(now);
  }
  return true;
}

void Check::on_answer(Monotonic now) {
  if (!token_url_) {
    close_hop(now);
    io_.release(spec_.reuse_connection && exchange_->reusable());
    return finish(now);
  }
  auto token = http::oauth_token(exchange_->answer());
  if (const Fault* fault = std::get_if<Fault>(&token)) return fail(*fault, now);
  take_token(std::get<http::OauthToken>(token).value);
  io_.keep_token(std::get<http::OauthToken>(token));
  io_.release(false);
  token_url_.reset();
  start_hop(now);
}

// On a kept connection that the server has given up, the request may be sent again: by
// RFC 9110, section 9.2.2, unless doing it twice is not the same as once and it may
// have been done.
void Check::on_exchange_failed(Monotonic now) {
  const bool may_repeat = is_idempotent(request_->method()) || !exchange_->request_sent();
  if (marks_.reused && exchange_->retryable() && may_repeat) {
    fresh_only_ = true;
    io_.release(false);
    return start_hop(now);
  }
  Fault fault = exchange_->fault();
  if (is_reset(fault.reason)) {
    if (Fault known = io_.tls_fault()) fault = std::move(known);
  }
  fail(std::move(fault), now);
}

void Check::on_deadline(Monotonic now) {
  if (over()) return;
  fail(timeout_fault(stage(), spec_.timeout), now);
}

Stage Check::stage() const {
  switch (step_) {
    case Step::kTunnel:
      return Stage::kTunnel;
    case Step::kTls:
      return Stage::kTls;
    case Step::kExchange:
      return marks_.first_byte == Monotonic{} ? Stage::kWait : Stage::kDownload;
    case Step::kNew:
    case Step::kConnecting:
    case Step::kOver:
      break;
  }
  return race_.started() ? Stage::kConnect : Stage::kDns;
}

// The hop is over, and its answer is not the last.
void Check::leave_hop(Monotonic now) {
  close_hop(now);
  io_.release(false);
}

void Check::close_hop(Monotonic now) {
  hop_.phases = phases_of(marks_, now);
  hop_.attempts = race_.attempts();
  if (exchange_ != nullptr) describe(exchange_->take_answer());
  measurement_.phases = hop_.phases;
  measurement_.http_status = hop_.status;
  measurement_.http_version = hop_.http_version;
  measurement_.remote_address = hop_.remote_address;
  measurement_.details.final_url = hop_.url;
  measurement_.details.hops.push_back(std::move(hop_));
}

void Check::describe(http::Answer answer) {
  hop_.status = answer.status;
  hop_.http_version = answer.version;
  hop_.headers.reserve(answer.headers.size());
  for (std::size_t i = 0; i < answer.headers.size(); ++i) {
    const http::Headers::Field field = answer.headers[i];
    hop_.headers.push_back({std::string(field.name), std::string(field.value)});
  }
  measurement_.body_bytes = answer.decoded_bytes;
  measurement_.details.wire_bytes = answer.wire_bytes;
  measurement_.details.body = std::move(answer.body);
  measurement_.details.body_truncated = answer.body_truncated;
}

void Check::fail(Fault fault, Monotonic now) {
  race_.given_up(now);
  close_hop(now);
  io_.release(false);
  if (token_url_ && fault.reason != Reason::kWorker && fault.reason != Reason::kEgressDenied) {
    fault = {Reason::kAuthentication, "no access token from " + token_url_->host + ": " + fault.message};
  }
  measurement_.reason = fault.reason;
  measurement_.message = plain_text(fault.message);
  finish(now);
}

void Check::finish(Monotonic now) {
  step_ = Step::kOver;
  measurement_.phases.total = std::chrono::duration_cast<Microseconds>(now - started_);
}

}  // namespace openseer::probe
