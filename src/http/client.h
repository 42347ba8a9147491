#pragma once

#include <string>

#include "base/clock.h"
#include "base/refusal.h"

namespace openseer::http {

// One blocking POST over HTTPS for start-up work (enrolment), never on an I/O
// thread. `ca_pem` is the only trust anchor.
struct PostResult {
  int status = 0;
  std::string body;
};
// Throws std::runtime_error with a sentence for people when there is no answer.
PostResult post_json(const std::string& url, const std::string& json, const std::string& ca_pem,
                     Seconds timeout);

// A GET that does not verify the server, for fetching the CA's certificate
// whose fingerprint the caller checks.
PostResult get_unverified(const std::string& url, Seconds timeout);

}  // namespace openseer::http
