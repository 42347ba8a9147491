#include "probe/check.h"

#include <algorithm>

#include <boost/asio/post.hpp>

#include "probe/egress.h"
#include "probe/plain_text.h"

namespace openseer::probe {

using boost::asio::ip::address;
using domain::Measurement;
using domain::Reason;
using std::chrono::duration_cast;
using std::chrono::steady_clock;

Check::Check(const Context& context, const domain::MonitorSpec& spec, Done done)
    : context_(context),
      url_(spec.url),
      timeout_(std::max(spec.timeout, Milliseconds{1})),
      max_redirects_(spec.max_redirects),
      skip_tls_verification_(spec.tls.skip_verification),
      done_(std::move(done)),
      deadline_(context.executor),
      started_(steady_clock::now()),
      hop_started_(started_) {
  request_.method = spec.method;
  request_.headers = spec.headers;
  request_.body = spec.body;
}

Check::~Check() {
  if (transfer_) context_.multi.remove(transfer_->handle());
}

void Check::start() {
  deadline_.expires_at(started_ + timeout_);
  deadline_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    if (const auto self = weak.lock(); self && !error) self->on_deadline();
  });
  boost::asio::post(context_.executor, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->begin();
  });
}

void Check::begin() {
  std::optional<Target> target = parse_target(url_);
  if (!target) return finish_unconnected({Reason::kWorker, "the worker cannot read the URL"});
  request_.target = std::move(*target);
  start_hop();
}

void Check::start_hop() {
  hop_started_ = steady_clock::now();
  if (request_.target.numeric) return on_resolved({{*request_.target.numeric}, Reason::kNone, ""});
  context_.resolver.lookup(request_.target.host, weak_from_this(),
                           [weak = weak_from_this()](Resolver::Answer answer) {
                             if (const auto self = weak.lock()) self->on_resolved(std::move(answer));
                           });
}

void Check::on_resolved(Resolver::Answer answer) {
  if (answer.reason != Reason::kNone) return finish_unconnected({answer.reason, std::move(answer.message)});
  const address first = answer.addresses.front();
  std::erase_if(answer.addresses, [&](const address& a) { return !may_connect(context_.options.egress, a); });
  if (answer.addresses.empty()) return finish_unconnected(explain_denied(first));
  exchange(std::move(answer.addresses));
}

void Check::exchange(std::vector<address> addresses) {
  Transfer::Plan plan;
  plan.addresses = std::move(addresses);
  plan.time_left = time_left();
  plan.hop_started = hop_started_;
  plan.follow_redirects = max_redirects_ > 0;
  plan.skip_tls_verification = skip_tls_verification_;
  transfer_.emplace(context_.options, request_, std::move(plan));
  context_.multi.add(transfer_->handle(), [weak = weak_from_this()](CURLcode code) {
    if (const auto self = weak.lock()) self->on_exchanged(code);
  });
}

void Check::on_exchanged(CURLcode code) {
  const Exchange hop = transfer_->exchange(code, steady_clock::now());
  transfer_.reset();
  if (hop.certificate.not_after) certificate_expires_at_ = hop.certificate.not_after;
  if (hop.stop == Stop::kRedirect) return follow(hop);
  if (code == CURLE_OPERATION_TIMEDOUT) return finish(hop, explain_timeout(stage_of(hop.marks), timeout_));
  finish(hop, explain(hop, request_.target, context_.options.limits));
}

void Check::follow(const Exchange& hop) {
  if (redirects_ == max_redirects_) {
    const std::string count =
        std::to_string(max_redirects_) + (max_redirects_ == 1 ? " redirect" : " redirects");
    return finish(hop, {Reason::kRedirectLimit, "still redirected after " + count});
  }
  std::optional<Target> next = parse_location(request_.target, hop.location);
  if (!next) {
    return finish(hop,
                  {Reason::kProtocol, "the answer redirects to something that is not an http or https URL"});
  }
  ++redirects_;
  redirect(request_, hop.status, std::move(*next));
  start_hop();
}

void Check::on_deadline() {
  if (!transfer_) return finish_unconnected(explain_timeout(Stage::kDns, timeout_));
  const Exchange hop = transfer_->exchange(CURLE_OPERATION_TIMEDOUT, steady_clock::now());
  context_.multi.remove(transfer_->handle());
  transfer_.reset();
  if (hop.certificate.not_after) certificate_expires_at_ = hop.certificate.not_after;
  finish(hop, explain_timeout(stage_of(hop.marks), timeout_));
}

void Check::finish_unconnected(Explanation explanation) {
  Marks marks;
  marks.looked_up = !request_.target.numeric;
  marks.ended = duration_cast<Microseconds>(steady_clock::now() - hop_started_);
  Measurement measurement;
  measurement.phases = phases_of(marks);
  report(std::move(measurement), std::move(explanation));
}

void Check::finish(const Exchange& hop, Explanation explanation) {
  Measurement measurement;
  measurement.http_status = hop.status;
  measurement.http_version = hop.version;
  measurement.phases = phases_of(hop.marks);
  measurement.remote_address = hop.remote_address;
  measurement.body_bytes = hop.body_bytes;
  report(std::move(measurement), std::move(explanation));
}

void Check::report(Measurement measurement, Explanation explanation) {
  deadline_.cancel();
  measurement.reason = explanation.reason;
  measurement.message = plain_text(explanation.message);
  measurement.certificate_expires_at = certificate_expires_at_;
  measurement.phases.total = duration_cast<Microseconds>(steady_clock::now() - started_);
  // The owner lets go of this check here; whoever called holds it a little longer.
  const Done done = std::move(done_);
  done(*this, std::move(measurement));
}

Milliseconds Check::time_left() const {
  return std::max(duration_cast<Milliseconds>(started_ + timeout_ - steady_clock::now()), Milliseconds{1});
}

}  // namespace openseer::probe
