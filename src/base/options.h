#pragma once

#include <charconv>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

// What a subcommand can be told: one table of options, read once, from the
// command line first and the environment second, into the subcommand's struct.
//
//   WorkerOptions o;
//   const Command command{"openseer worker", "Runs checks in one region.", {
//       {"concurrency", "OPENSEER_CONCURRENCY", "N", "200", "Checks at once.", integer(o.concurrency, 1,
//       10'000)},
//   }};
//   if (auto exit = read(command, args, environment, std::cout, std::cerr)) return *exit;
namespace openseer::options {

// Stores a value. Otherwise gives the rest of "--name ...", e.g. "must be a
// whole number from 1 to 10000".
using Parser = std::function<std::optional<std::string>(std::string_view)>;

struct Option {
  std::string name;         // "http-port" is typed --http-port
  std::string variable;     // of the environment; empty: none
  std::string placeholder;  // what --help shows for the value; empty: a switch
  std::string fallback;     // the default, as it would be typed; empty: none
  std::string help;
  Parser parse;
  bool secret = false;  // its value is never printed
  bool required = false;
  char letter = 0;          // -X for short; 0: none
  bool repeatable = false;  // given several times, `parse` sees each
};

// secret({"token", ...}), required({"server", ...}): an option that is so.
inline Option secret(Option option) {
  option.secret = true;
  return option;
}
inline Option required(Option option) {
  option.required = true;
  return option;
}
// short_form('X', {"request", ...}): -X says the same, also as -XPOST.
inline Option short_form(char letter, Option option) {
  option.letter = letter;
  return option;
}
inline Option repeatable(Option option) {
  option.repeatable = true;
  return option;
}

struct Command {
  std::string name;     // "openseer worker"
  std::string summary;  // sentences
  std::vector<Option> options;
  std::optional<Option> argument = std::nullopt;  // the one word that is no option, required
};

// The value of a variable, or nothing.
using Environment = std::function<std::optional<std::string>(const std::string&)>;
Environment process_environment();

// Fills the structs behind `command`'s parsers. Nothing: go on. Otherwise the
// process's exit code: 0 after --help (printed to `out`), 2 after one line on
// `err`. A variable that is set but empty counts as not set.
std::optional<int> read(const Command& command, const std::vector<std::string>& arguments,
                        const Environment& environment, std::ostream& out, std::ostream& err);

std::string help(const Command& command);

// The parsers. Each keeps a reference to where the value goes.
Parser text(std::string& into);  // not empty
Parser optional_text(std::optional<std::string>& into);
Parser flag(bool& into);
Parser list(std::vector<std::string>& into);  // a,b,c
Parser ip_address(std::string& into);         // numeric, IPv4 or IPv6

template <class Integer>
Parser integer(Integer& into, Integer lowest, Integer highest) {
  return [&into, lowest, highest](std::string_view value) -> std::optional<std::string> {
    Integer number{};
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error == std::errc{} && end == value.data() + value.size() && number >= lowest && number <= highest) {
      into = number;
      return std::nullopt;
    }
    return "must be a whole number from " + std::to_string(lowest) + " to " + std::to_string(highest);
  };
}
inline Parser port(std::uint16_t& into) { return integer<std::uint16_t>(into, 1, 65535); }

// A whole number and a unit: 500ms, 30s, 15m, 12h, 7d. Nothing when malformed.
std::optional<Milliseconds> parse_duration(std::string_view value);
std::string format_duration(Milliseconds value);

template <class Duration>
Parser duration(Duration& into, Milliseconds lowest, Milliseconds highest) {
  return [&into, lowest, highest](std::string_view value) -> std::optional<std::string> {
    const std::optional<Milliseconds> parsed = parse_duration(value);
    const bool whole = parsed && std::chrono::duration_cast<Duration>(*parsed) == *parsed;
    if (whole && *parsed >= lowest && *parsed <= highest) {
      into = std::chrono::duration_cast<Duration>(*parsed);
      return std::nullopt;
    }
    return "must be a duration from " + format_duration(lowest) + " to " + format_duration(highest) +
           " (such as 30s, 15m, 12h or 7d)";
  };
}

// How long something is kept; nothing for "forever".
Parser retention(std::optional<Seconds>& into);

// One of some words.
template <class T>
Parser choice(T& into, std::vector<std::pair<std::string, T>> words) {
  return [&into, words = std::move(words)](std::string_view value) -> std::optional<std::string> {
    std::string names;
    for (const auto& [name, meaning] : words) {
      if (name == value) {
        into = meaning;
        return std::nullopt;
      }
      names += (names.empty() ? "" : ", ") + name;
    }
    return "must be one of " + names;
  };
}

}  // namespace openseer::options
