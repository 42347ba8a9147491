#include "domain/evidence.h"

#include "domain/slots.h"
#include "domain/text.h"

namespace openseer::domain {
namespace {

constexpr std::size_t kMostHops = 25;
constexpr std::size_t kMostAttempts = 20;
constexpr std::size_t kMostCertificates = 10;
constexpr std::size_t kMostNames = 100;
constexpr std::size_t kMostHeaders = 100;
constexpr std::size_t kMostHeaderBytes = 16 * 1024;  // of all hops
constexpr std::size_t kMostText = 4096;

template <class List>
void shorten(List& list, std::size_t most) {
  if (list.size() > most) list.erase(list.begin() + static_cast<std::ptrdiff_t>(most), list.end());
}

// The value of "name=value; attributes".
std::string_view cookie_value(std::string_view set_cookie) {
  const std::string_view pair = set_cookie.substr(0, set_cookie.find(';'));
  const std::size_t equals = pair.find('=');
  return equals == std::string_view::npos ? pair : pair.substr(equals + 1);
}

std::string without_cookie_value(std::string_view set_cookie) {
  const std::string_view value = cookie_value(set_cookie);
  const std::size_t at = static_cast<std::size_t>(value.data() - set_cookie.data());
  return std::string(set_cookie.substr(0, at)) + std::string(Redactor::kMark) +
         std::string(set_cookie.substr(at + value.size()));
}

class Keeper {
 public:
  explicit Keeper(const Redactor& redactor) : redactor_(redactor) {}

  void keep(Hop& hop) {
    clean(hop.url);
    shorten(hop.attempts, kMostAttempts);
    shorten(hop.chain, kMostCertificates);
    for (CertificateSummary& certificate : hop.chain) keep(certificate);
    shorten(hop.headers, kMostHeaders);
    std::erase_if(hop.headers, [this](ResponseHeader& header) { return !keep(header); });
  }

  void clean(std::string& text) const { text = valid_utf8(redactor_.redact(text, kMostText)); }

 private:
  void keep(CertificateSummary& certificate) {
    clean(certificate.subject);
    clean(certificate.issuer);
    shorten(certificate.names, kMostNames);
    for (std::string& name : certificate.names) name = valid_utf8(std::string_view(name).substr(0, 256));
  }

  bool keep(ResponseHeader& header) {
    const std::string name = lower(header.name);
    if (name == "set-cookie")
      header.value = without_cookie_value(header.value);
    else if (is_secret_name(name))
      header.value = Redactor::kMark;
    header.name = valid_utf8(redactor_.redact(header.name, 256));
    clean(header.value);
    header_bytes_ += header.name.size() + header.value.size();
    return header_bytes_ <= kMostHeaderBytes;
  }

  const Redactor& redactor_;
  std::size_t header_bytes_ = 0;
};

}  // namespace

bool wants_evidence(std::int64_t monitor_id, Instant slot, Seconds interval) {
  const Instant origin = grid_origin(monitor_id, interval);
  if (grid_floor(slot, interval, origin) != slot) return true;
  return std::chrono::floor<std::chrono::hours>(slot - origin) !=
         std::chrono::floor<std::chrono::hours>(slot - interval - origin);
}

Details evidence(Details details, Outcome outcome, Redactor redactor) {
  for (const std::string& secret : details.secrets) redactor.add(secret);
  details.secrets.clear();
  // What the exchange sent besides: cookies that the target had set.
  for (const Hop& hop : details.hops) {
    for (const ResponseHeader& header : hop.headers) {
      if (lower(header.name) == "set-cookie") redactor.add(cookie_value(header.value));
    }
  }
  shorten(details.hops, kMostHops);
  Keeper keeper(redactor);
  for (Hop& hop : details.hops) keeper.keep(hop);
  keeper.clean(details.final_url);
  for (AssertionFailure& failure : details.failures) keeper.clean(failure.message);
  if (outcome == Outcome::kOk) {
    details.body.clear();
    details.body_truncated = false;
  } else {
    const bool cut = details.body_truncated;
    details.body_truncated = cut || details.body.size() > kEvidenceBody;
    details.body = redactor.redact(details.body, kEvidenceBody, cut);
  }
  return details;
}

}  // namespace openseer::domain
