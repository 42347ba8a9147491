#include "app/access_options.h"

#include <fstream>
#include <iostream>

#include <sys/stat.h>

#include "http/smtp.h"

namespace openseer::app {
namespace {

using options::Parser;

// "https://host:port", kept without a slash at the end.
Parser base_url(std::string& into, bool allow_http) {
  return [&into, allow_http](std::string_view value) -> std::optional<std::string> {
    while (value.ends_with('/')) value.remove_suffix(1);
    const bool http = allow_http && value.starts_with("http://");
    const std::size_t start = http ? 7 : 8;
    const bool formed = (http || value.starts_with("https://")) && value.size() > start &&
                        value.find_first_of(" \t?#\"<>\\", start) == std::string_view::npos;
    if (!formed)
      return std::string("must be a URL such as https://monitor.example.com") + (allow_http ? "" : ":8082");
    into = value;
    return std::nullopt;
  };
}

Parser mail_from(std::string& into) {
  return [&into](std::string_view value) -> std::optional<std::string> {
    if (!http::mail_address(value)) return "must be like mail@example.com or \"OpenSeer <mail@example.com>\"";
    into = value;
    return std::nullopt;
  };
}

// The first line of a file that others may not read.
Parser secret_file(std::string& into) {
  return [&into](std::string_view value) -> std::optional<std::string> {
    const std::string path(value);
    struct stat info {};
    std::ifstream file(path);
    if (stat(path.c_str(), &info) != 0 || !file) return "must name a file that can be read";
    if ((info.st_mode & S_IROTH) != 0) return "must name a file that others may not read (chmod 600)";
    if (!std::getline(file, into) || into.empty()) return "must name a file that holds the password";
    return std::nullopt;
  };
}

Parser readable_file(std::string& into) {
  return [&into](std::string_view value) -> std::optional<std::string> {
    if (!std::ifstream(std::string(value))) return "must name a file that can be read";
    into = value;
    return std::nullopt;
  };
}

int refuse(const std::string& command, const std::string& what) {
  std::cerr << command << ": " << what << '\n';
  return 2;
}

}  // namespace

std::vector<options::Option> access_options(AccessOptions& o) {
  http::MailServer& server = o.mail.server;
  return {
      {"public-url", "OPENSEER_PUBLIC_URL", "URL", "",
       "Where people reach the web UI, such as https://monitor.example.com. Links in e-mails begin with it.",
       base_url(o.public_url, true)},
      {"api-url", "OPENSEER_API_URL", "URL", "",
       "Where workers and programs reach the API, if not under the web UI's name at the API's port.",
       base_url(o.api_url, false)},
      {"smtp-host", "OPENSEER_SMTP_HOST", "HOST", "",
       "The mail server, for forgotten passwords and invitations. Needs --smtp-from and --public-url.",
       options::text(o.smtp_host)},
      {"smtp-port", "OPENSEER_SMTP_PORT", "PORT", "587", "The mail server's port.",
       options::port(server.port)},
      {"smtp-tls", "OPENSEER_SMTP_TLS", "HOW", "starttls",
       "starttls (must be offered), implicit (from the first byte, port 465), or none (readable on the way).",
       options::choice<http::MailTls>(server.tls, {{"starttls", http::MailTls::kStartTls},
                                                   {"implicit", http::MailTls::kImplicit},
                                                   {"none", http::MailTls::kNone}})},
      {"smtp-user", "OPENSEER_SMTP_USER", "NAME", "", "Whom to sign in as at the mail server.",
       options::text(server.user)},
      options::secret({"smtp-password", "OPENSEER_SMTP_PASSWORD", "PASSWORD", "",
                       "With which password. Rather the file: a process's arguments are no secret.",
                       options::text(server.password)}),
      {"smtp-password-file", "OPENSEER_SMTP_PASSWORD_FILE", "FILE", "",
       "A file that holds the password and that others may not read.", secret_file(server.password)},
      {"smtp-from", "OPENSEER_SMTP_FROM", "ADDRESS", "",
       "Who e-mails are from, such as \"OpenSeer <mail@example.com>\".", mail_from(o.mail.from)},
      {"smtp-ca-file", "OPENSEER_SMTP_CA_FILE", "FILE", "",
       "The CA (PEM) that must have signed the mail server's certificate, instead of the system's.",
       readable_file(server.ca_file)},
      {"keep-audit", "OPENSEER_KEEP_AUDIT", "TIME", "365d", "How long the audit log is kept, or forever.",
       options::retention(o.keep_audit)},
  };
}

std::optional<int> require(const AccessOptions& o, const std::string& command) {
  if (o.smtp_host.empty()) return std::nullopt;
  if (o.mail.from.empty()) return refuse(command, "--smtp-host needs --smtp-from (OPENSEER_SMTP_FROM)");
  if (o.public_url.empty()) return refuse(command, "--smtp-host needs --public-url (OPENSEER_PUBLIC_URL)");
  if (!o.mail.server.user.empty() && o.mail.server.password.empty())
    return refuse(command, "--smtp-user needs --smtp-password-file (OPENSEER_SMTP_PASSWORD_FILE)");
  return std::nullopt;
}

std::optional<control::MailOptions> mail_options(const AccessOptions& o) {
  if (o.smtp_host.empty()) return std::nullopt;
  control::MailOptions mail = o.mail;
  mail.server.host = o.smtp_host;
  return mail;
}

}  // namespace openseer::app
