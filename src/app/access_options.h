#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/options.h"
#include "control/api/options.h"

namespace openseer::app {

// How people and programs reach the installation, and how it reaches people.
struct AccessOptions {
  std::string public_url;
  std::string api_url;
  std::string smtp_host;
  control::MailOptions mail;
  std::optional<Seconds> keep_audit;
};

std::vector<options::Option> access_options(AccessOptions& into);

// Those that go together must be there together; otherwise one line on standard
// error and the exit code.
std::optional<int> require(const AccessOptions& o, const std::string& command);

// Nothing unless a mail server is named.
std::optional<control::MailOptions> mail_options(const AccessOptions& o);

}  // namespace openseer::app
