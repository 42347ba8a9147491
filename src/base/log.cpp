#include "base/log.h"

#include <cstdio>
#include <ctime>

#include <unistd.h>

namespace openseer::log {
namespace {

Level threshold = Level::kInfo;
Format format = Format::kText;
std::string component = "openseer";  // NOLINT: set once before threads start
bool colours = false;

constexpr std::string_view kNames[] = {"debug", "info", "warning", "error"};

void append_json(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
          char escaped[8];
          std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned char>(c));
          out += escaped;
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

std::string timestamp() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  tm utc{};
  gmtime_r(&now.tv_sec, &utc);
  char text[40];
  const size_t length = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text + length, sizeof text - length, ".%03ldZ", now.tv_nsec / 1'000'000);
  return text;
}

std::string as_json(Level level, std::string_view message, std::initializer_list<Field> fields) {
  std::string line = "{\"time\":\"" + timestamp() + "\",\"level\":\"";
  line += kNames[static_cast<int>(level)];
  line += "\",\"component\":";
  append_json(line, component);
  line += ",\"message\":";
  append_json(line, message);
  for (const Field& field : fields) {
    line += ',';
    append_json(line, field.name);
    line += ':';
    if (field.quoted)
      append_json(line, field.value);
    else
      line += field.value;
  }
  return line + "}\n";
}

std::string as_text(Level level, std::string_view message, std::initializer_list<Field> fields) {
  constexpr std::string_view kColours[] = {"\033[2m", "\033[32m", "\033[33m", "\033[31m"};
  std::string line = timestamp();
  line += ' ';
  if (colours) line += kColours[static_cast<int>(level)];
  line += kNames[static_cast<int>(level)];
  line += colours ? "\033[0m " : " ";
  line += component + ": ";
  line += message;
  for (const Field& field : fields) {
    line += ' ';
    line += field.name;
    line += '=';
    if (field.quoted &&
        (field.value.empty() || field.value.find_first_of(" \"\n\r\t\033") != std::string::npos))
      append_json(line, field.value);
    else
      line += field.value;
  }
  return line + "\n";
}

}  // namespace

void configure(Level level, Format form, std::string name) {
  threshold = level;
  format = form;
  component = std::move(name);
  colours = isatty(STDERR_FILENO) != 0;
}

Format default_format() { return isatty(STDERR_FILENO) != 0 ? Format::kText : Format::kJson; }

bool enabled(Level level) { return level >= threshold; }

void write(Level level, std::string_view message, std::initializer_list<Field> fields) {
  if (!enabled(level)) return;
  const std::string line =
      format == Format::kJson ? as_json(level, message, fields) : as_text(level, message, fields);
  // A failed write has nowhere to be reported.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace openseer::log
