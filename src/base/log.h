#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

// Structured logs on standard error: for people on a terminal, one JSON object
// a line otherwise. Safe from any thread; a line is written by one write(2).
//
//   log::info("worker connected", {{"worker", id}, {"region", region}});
//
// The message is constant text; what varies goes into fields. Secrets never
// reach a log line: the callers have no field for them.
namespace openseer::log {

enum class Level { kDebug, kInfo, kWarning, kError };
enum class Format { kText, kJson };

// A named value, rendered at once.
struct Field {
  std::string_view name;
  std::string value;
  bool quoted = true;

  Field(std::string_view n, std::string_view v) : name(n), value(v) {}
  Field(std::string_view n, const std::string& v) : name(n), value(v) {}
  Field(std::string_view n, const char* v) : name(n), value(v) {}
  Field(std::string_view n, bool v) : name(n), value(v ? "true" : "false"), quoted(false) {}
  template <class T>
    requires std::is_arithmetic_v<T>
  Field(std::string_view n, T v) : name(n), value(std::to_string(v)), quoted(false) {}
};

// Before other threads start. `component` names the process in every line.
void configure(Level threshold, Format format, std::string component);
// kText on a terminal, kJson otherwise.
Format default_format();
bool enabled(Level level);
void write(Level level, std::string_view message, std::initializer_list<Field> fields);

inline void debug(std::string_view m, std::initializer_list<Field> f = {}) { write(Level::kDebug, m, f); }
inline void info(std::string_view m, std::initializer_list<Field> f = {}) { write(Level::kInfo, m, f); }
inline void warning(std::string_view m, std::initializer_list<Field> f = {}) { write(Level::kWarning, m, f); }
inline void error(std::string_view m, std::initializer_list<Field> f = {}) { write(Level::kError, m, f); }

}  // namespace openseer::log
