#include "probe/http/body.h"

#include <algorithm>
#include <utility>

#include "probe/http/tokens.h"

namespace openseer::probe::http {
namespace {

// More than anybody uses; each has a window of its own.
constexpr std::size_t kMaxCodings = 3;

}  // namespace

void Body::begin(Answer& answer, const ExchangeLimits& limits) {
  answer_ = &answer;
  limits_ = limits;
  decoders_.clear();
  layers_.clear();
  fault_ = {};
  if (answer.headers.find("content-encoding")) add_decoders(answer.headers.joined("content-encoding"));
}

// Codings are named in the order they were applied: the last one is undone first.
// What lies below one that is not known cannot be reached and stays as it is.
void Body::add_decoders(std::string_view codings) {
  std::size_t known = 0;
  while (!codings.empty()) {
    const std::string_view coding = next_in_list(codings);
    if (coding.empty() || same_name(coding, "identity")) continue;
    if (!decoders_.empty()) layers_.push_back(std::make_unique<Layer>(*this, *decoders_.back()));
    Sink& next = decoders_.empty() ? static_cast<Sink&>(*this) : *layers_.back();
    std::unique_ptr<Decoder> decoder = make_decoder(coding, next);
    if (!decoder) {
      decoders_.clear();
      layers_.clear();
      continue;
    }
    if (++known > kMaxCodings) {
      fail(domain::Reason::kMalformedEncoding, "the body is encoded more than 3 times over");
      return;
    }
    decoders_.push_back(std::move(decoder));
  }
}

bool Body::receive(std::string_view bytes) {
  if (fault_) return false;
  answer_->wire_bytes += bytes.size();
  if (answer_->wire_bytes > limits_.wire_bytes) {
    return fail(domain::Reason::kBodyLimit,
                "the body is larger than " + std::to_string(limits_.wire_bytes) + " bytes");
  }
  if (decoders_.empty()) return take(bytes);
  return decoders_.back()->take(bytes) || explain();
}

bool Body::finish() {
  if (fault_) return false;
  for (auto decoder = decoders_.rbegin(); decoder != decoders_.rend(); ++decoder) {
    if ((*decoder)->finish()) continue;
    return fail(domain::Reason::kMalformedEncoding, "the encoded body ends in the middle");
  }
  return true;
}

bool Body::take(std::string_view bytes) {
  answer_->decoded_bytes += bytes.size();
  if (const std::size_t room = limits_.kept_bytes - std::min(limits_.kept_bytes, answer_->body.size());
      bytes.size() > room) {
    answer_->body_truncated = true;
    answer_->body += bytes.substr(0, room);
  } else {
    answer_->body += bytes;
  }
  if (answer_->decoded_bytes <= limits_.decoded_bytes) return true;
  return too_large();
}

bool Body::Layer::take(std::string_view bytes) {
  bytes_ += bytes.size();
  return bytes_ <= body_.limits_.decoded_bytes ? next_.take(bytes) : body_.too_large();
}

bool Body::too_large() {
  return fail(domain::Reason::kBodyLimit, "the body is larger than " + std::to_string(limits_.decoded_bytes) +
                                              " bytes" + (decoders_.empty() ? "" : " once it is decoded"));
}

bool Body::fail(domain::Reason reason, std::string message) {
  if (!fault_) fault_ = {reason, std::move(message)};
  return false;
}

// The outermost decoder took no more: of the limit, or of a defect further in.
bool Body::explain() {
  for (const auto& decoder : decoders_) {
    if (fault_) break;
    if (decoder->defect().empty()) continue;
    fail(domain::Reason::kMalformedEncoding, "the encoded body's bytes " + std::string(decoder->defect()));
  }
  return false;
}

}  // namespace openseer::probe::http
