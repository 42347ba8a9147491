#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

// Sending one e-mail through a mail server (RFC 5321), by libcurl.
namespace openseer::http {

enum class MailTls {
  kStartTls,  // must be offered (RFC 3207); nothing is sent without
  kImplicit,  // from the first byte (RFC 8314)
  kNone,      // readable on the way: a server on this machine
};

struct MailServer {
  std::string host;
  std::uint16_t port = 587;
  MailTls tls = MailTls::kStartTls;
  std::string user;  // empty: without signing in
  std::string password;
  std::string ca_file;  // PEM of who must have signed the server's certificate; empty: the system's
};

struct Mail {
  std::string from;  // "mail@example.com" or "OpenSeer <mail@example.com>"
  std::string to;    // an address alone
  std::string subject;
  std::string text;  // UTF-8, lines end with \n
};

// The address in `from`; nothing when it is neither of the two forms, or holds
// what could end a header's line.
std::optional<std::string> mail_address(std::string_view from);

// RFC 5322, as it is sent: the header in ASCII (RFC 2047), the text in base64.
std::string mail_message(const Mail& mail, std::chrono::sys_seconds now, std::string_view id);

// Blocks: never on an I/O thread. Throws std::runtime_error with a sentence for
// people when the server does not take it.
void send_mail(const MailServer& server, const Mail& mail, Seconds timeout);

}  // namespace openseer::http
