#include "http/smtp.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "http/base64.h"
#include "http/easy_handle.h"
#include "http/utf8.h"

namespace openseer::http {
namespace {

constexpr std::size_t kLine = 76;  // RFC 2045, section 6.8

bool is_address(std::string_view text) {
  const bool plain = std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == 0x7f || c == '<' || c == '>' || c == ',' ||
           c == ';' || c == '"';
  });
  const std::size_t at = text.find('@');
  return plain && at != std::string_view::npos && at > 0 && at + 1 < text.size();
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// An encoded word (RFC 2047) where the text needs it, in pieces that end between
// characters. What could end the line is left out.
std::string header_text(std::string_view text) {
  std::string clean;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= ' ' && c != 0x7f) clean += c;
  }
  if (is_ascii(clean)) return clean;
  std::string out;
  std::string_view rest = clean;
  while (!rest.empty()) {
    std::size_t size = std::min<std::size_t>(rest.size(), 42);
    while (size < rest.size() && (rest[size] & 0xc0) == 0x80) --size;
    if (!out.empty()) out += "\r\n ";
    out += "=?UTF-8?B?" + base64(rest.substr(0, size), Padding::kYes) + "?=";
    rest.remove_prefix(size);
  }
  return out;
}

// "Name <address>", with the name as a header may hold it.
std::string from_header(std::string_view from) {
  const std::size_t open = from.find('<');
  if (open == std::string_view::npos) return std::string(from);
  std::string_view name = from.substr(0, open);
  while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
  if (!is_ascii(name)) return header_text(name) + " " + std::string(from.substr(open));
  return '"' + std::string(name) + "\" " + std::string(from.substr(open));
}

// Thu, 1 Jan 1970 00:00:00 +0000, whatever the locale.
std::string date(std::chrono::sys_seconds now) {
  const std::time_t time = std::chrono::system_clock::to_time_t(now);
  std::tm parts{};
  gmtime_r(&time, &parts);
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  char text[64];
  std::snprintf(text, sizeof text, "%s, %d %s %d %02d:%02d:%02d +0000", kDays[parts.tm_wday], parts.tm_mday,
                kMonths[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
  return text;
}

std::string with_crlf(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

struct Unsent {
  std::string_view rest;
};

std::size_t give(char* to, std::size_t size, std::size_t count, void* from) {
  std::string_view& rest = static_cast<Unsent*>(from)->rest;
  const std::size_t taken = std::min(rest.size(), size * count);
  std::memcpy(to, rest.data(), taken);
  rest.remove_prefix(taken);
  return taken;
}

std::string random_id() {
  char text[33] = "";
  std::snprintf(text, sizeof text, "%lx.%lx", static_cast<unsigned long>(std::time(nullptr)),
                static_cast<unsigned long>(std::chrono::steady_clock::now().time_since_epoch().count()));
  return text;
}

}  // namespace

std::optional<std::string> mail_address(std::string_view from) {
  if (is_address(from)) return std::string(from);
  const std::size_t open = from.find('<');
  if (open == std::string_view::npos || !from.ends_with('>')) return std::nullopt;
  const std::string_view name = from.substr(0, open);
  const std::string_view address = from.substr(open + 1, from.size() - open - 2);
  const bool clean = is_utf8(name) && std::none_of(name.begin(), name.end(), [](char c) {
                       return static_cast<unsigned char>(c) < ' ' || c == 0x7f || c == '"' || c == '\\';
                     });
  if (!clean || !is_address(address)) return std::nullopt;
  return std::string(address);
}

std::string mail_message(const Mail& mail, std::chrono::sys_seconds now, std::string_view id) {
  const std::string address = mail_address(mail.from).value_or("");
  std::string message =
      "Date: " + date(now) + "\r\nFrom: " + from_header(mail.from) + "\r\nTo: <" + mail.to +
      ">\r\nSubject: " + header_text(mail.subject) + "\r\nMessage-ID: <" + std::string(id) +
      address.substr(std::min(address.find('@'), address.size())) +
      ">\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n";
  const std::string body = base64(with_crlf(mail.text), Padding::kYes);
  for (std::size_t at = 0; at < body.size(); at += kLine) message += body.substr(at, kLine) + "\r\n";
  return message;
}

void send_mail(const MailServer& server, const Mail& mail, Seconds timeout) {
  const std::optional<std::string> from = mail_address(mail.from);
  if (!from || !is_address(mail.to)) throw std::runtime_error("an e-mail needs an address on both ends");
  const auto now = std::chrono::floor<Seconds>(std::chrono::system_clock::now());
  const std::string message = mail_message(mail, now, random_id());
  Unsent unsent{message};

  EasyHandle easy;
  CURL* handle = easy.handle;
  char reason[CURL_ERROR_SIZE] = "";
  const bool implicit = server.tls == MailTls::kImplicit;
  const std::string host = server.host.find(':') == std::string::npos ? server.host : "[" + server.host + "]";
  const std::string url = (implicit ? "smtps://" : "smtp://") + host + ":" + std::to_string(server.port);
  easy.list = curl_slist_append(nullptr, ("<" + mail.to + ">").c_str());
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  if (server.tls == MailTls::kStartTls)
    curl_easy_setopt(handle, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
  curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!server.ca_file.empty()) curl_easy_setopt(handle, CURLOPT_CAINFO, server.ca_file.c_str());
  if (!server.user.empty()) {
    curl_easy_setopt(handle, CURLOPT_USERNAME, server.user.c_str());
    curl_easy_setopt(handle, CURLOPT_PASSWORD, server.password.c_str());
  }
  curl_easy_setopt(handle, CURLOPT_MAIL_FROM, ("<" + *from + ">").c_str());
  curl_easy_setopt(handle, CURLOPT_MAIL_RCPT, easy.list);
  curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(handle, CURLOPT_READFUNCTION, give);
  curl_easy_setopt(handle, CURLOPT_READDATA, &unsent);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT, static_cast<long>(timeout.count()));
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, reason);
  const CURLcode code = curl_easy_perform(handle);
  if (code == CURLE_OK) return;
  throw std::runtime_error("the mail server " + url + " did not take the e-mail: " +
                           (*reason != '\0' ? reason : curl_easy_strerror(code)));
}

}  // namespace openseer::http
