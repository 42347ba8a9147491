#include "base/options.h"

#include <cstdlib>
#include <limits>
#include <set>

#include <arpa/inet.h>

namespace openseer::options {
namespace {

constexpr std::size_t kHelpWidth = 100;
constexpr std::size_t kHelpColumn = 32;

const Option* find(const Command& command, std::string_view name) {
  for (const Option& option : command.options) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

// Puts words after `column` columns, on as many lines as they need. The first
// line is continued from `used` columns.
std::string wrapped(std::string_view words, std::size_t used, std::size_t column) {
  std::string out;
  if (used + 2 > column) {
    out += '\n';
    used = 0;
  }
  out += std::string(column - used, ' ');
  std::size_t at = column;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    const std::string_view word = words.substr(0, end);
    words.remove_prefix(std::min(end + 1, words.size()));
    if (at > column && at + 1 + word.size() > kHelpWidth) {
      out += '\n' + std::string(column, ' ');
      at = column;
    } else if (at > column) {
      out += ' ';
      ++at;
    }
    out += word;
    at += word.size();
  }
  return out + '\n';
}

std::string notes(const Option& option) {
  std::string out = option.variable;
  const auto add = [&out](const std::string& note) { out += (out.empty() ? "" : "; ") + note; };
  if (option.required) add("required");
  if (!option.fallback.empty() && !option.secret) add("default " + option.fallback);
  return out.empty() ? "" : " [" + out + "]";
}

// One value given for one option, by whichever way; `source` names the way.
std::optional<std::string> take(const Option& option, const std::string& source, const std::string& value) {
  const std::optional<std::string> wrong = option.parse(value);
  if (!wrong) return std::nullopt;
  std::string shown;
  for (const char c : value.substr(0, 80)) shown += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
  return source + " " + *wrong + (option.secret ? "" : ", got '" + shown + "'");
}

struct Given {
  std::set<std::string> names;
  bool help = false;
  std::optional<std::string> problem;
};

std::optional<std::string> take_argument(const Command& command, const std::vector<std::string>& arguments,
                                         std::size_t& at, Given& given) {
  const std::string& word = arguments[at];
  if (word.size() < 3 || !word.starts_with("--")) return "unexpected argument '" + word + "'";
  const std::size_t equals = word.find('=');
  const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
  const Option* option = find(command, name);
  if (option == nullptr) return "unknown option '--" + name + "' (see " + command.name + " --help)";
  if (!given.names.insert(name).second) return "--" + name + " is given twice";
  if (equals != std::string::npos) return take(*option, "--" + name, word.substr(equals + 1));
  if (option->placeholder.empty()) return take(*option, "--" + name, "true");
  if (at + 1 >= arguments.size()) return "--" + name + " needs a value";
  return take(*option, "--" + name, arguments[++at]);
}

Given read_arguments(const Command& command, const std::vector<std::string>& arguments) {
  Given given;
  for (const std::string& word : arguments) given.help = given.help || word == "--help" || word == "-h";
  if (given.help) return given;
  for (std::size_t at = 0; at < arguments.size() && !given.problem; ++at) {
    given.problem = take_argument(command, arguments, at, given);
  }
  return given;
}

std::optional<std::string> read_rest(const Option& option, const Environment& environment) {
  if (!option.variable.empty()) {
    const std::optional<std::string> value = environment(option.variable);
    if (value && !value->empty()) return take(option, option.variable, *value);
  }
  if (option.required) {
    return "--" + option.name + (option.variable.empty() ? "" : " or " + option.variable) + " is required";
  }
  if (option.fallback.empty()) return std::nullopt;
  return take(option, "the default of --" + option.name, option.fallback);
}

}  // namespace

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): before threads start
    if (value == nullptr) return std::nullopt;
    return value;
  };
}

std::optional<int> read(const Command& command, const std::vector<std::string>& arguments,
                        const Environment& environment, std::ostream& out, std::ostream& err) {
  Given given = read_arguments(command, arguments);
  if (given.help) {
    out << help(command) << std::flush;
    return 0;
  }
  for (const Option& option : command.options) {
    if (given.problem) break;
    if (!given.names.contains(option.name)) given.problem = read_rest(option, environment);
  }
  if (!given.problem) return std::nullopt;
  err << command.name << ": " << *given.problem << '\n' << std::flush;
  return 2;
}

std::string help(const Command& command) {
  std::string out = wrapped(command.summary, 0, 0) + "\nusage: " + command.name;
  if (!command.options.empty()) out += " [options]";
  out += "\n\noptions:\n";
  for (const Option& option : command.options) {
    std::string head = "  --" + option.name;
    if (!option.placeholder.empty()) head += " " + option.placeholder;
    out += head + wrapped(option.help + notes(option), head.size(), kHelpColumn);
  }
  out += "  --help" + wrapped("Shows this.", 8, kHelpColumn);
  if (!command.options.empty()) {
    out += "\nA name in brackets is the environment variable that the command line overrides.\n";
  }
  return out;
}

Parser text(std::string& into) {
  return [&into](std::string_view value) -> std::optional<std::string> {
    if (value.empty()) return "must not be empty";
    into = value;
    return std::nullopt;
  };
}

Parser optional_text(std::optional<std::string>& into) {
  return [&into](std::string_view value) -> std::optional<std::string> {
    if (value.empty()) return "must not be empty";
    into = std::string(value);
    return std::nullopt;
  };
}

Parser flag(bool& into) {
  return [&into](std::string_view value) -> std::optional<std::string> {
    if (value == "true" || value == "1" || value == "yes" || value == "on") {
      into = true;
    } else if (value == "false" || value == "0" || value == "no" || value == "off") {
      into = false;
    } else {
      return "must be true or false";
    }
    return std::nullopt;
  };
}

Parser list(std::vector<std::string>& into) {
  return [&into](std::string_view value) -> std::optional<std::string> {
    std::vector<std::string> items;
    while (true) {
      const std::size_t comma = value.find(',');
      const std::string_view item = value.substr(0, comma);
      if (item.empty()) return "must be a list without empty parts, separated by commas";
      items.emplace_back(item);
      if (comma == std::string_view::npos) break;
      value.remove_prefix(comma + 1);
    }
    into = std::move(items);
    return std::nullopt;
  };
}

Parser ip_address(std::string& into) {
  return [&into](std::string_view value) -> std::optional<std::string> {
    const std::string address(value);
    in6_addr parsed{};
    if (inet_pton(AF_INET, address.c_str(), &parsed) != 1 &&
        inet_pton(AF_INET6, address.c_str(), &parsed) != 1) {
      return "must be an IP address such as 127.0.0.1, 0.0.0.0 or ::";
    }
    into = address;
    return std::nullopt;
  };
}

namespace {
struct Unit {
  std::string_view name;
  std::int64_t milliseconds;
};
constexpr Unit kUnits[] = {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
}  // namespace

std::optional<Milliseconds> parse_duration(std::string_view value) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || number < 0) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(value.data() + value.size() - end));
  for (const Unit& known : kUnits) {
    if (known.name != unit) continue;
    if (number > std::numeric_limits<std::int64_t>::max() / known.milliseconds) return std::nullopt;
    return Milliseconds{number * known.milliseconds};
  }
  return std::nullopt;
}

std::string format_duration(Milliseconds value) {
  const Unit* best = &kUnits[0];
  for (const Unit& unit : kUnits) {
    if (value.count() != 0 && value.count() % unit.milliseconds == 0) best = &unit;
  }
  return std::to_string(value.count() / best->milliseconds) + std::string(best->name);
}

Parser retention(std::optional<Seconds>& into) {
  return [&into](std::string_view value) -> std::optional<std::string> {
    if (value == "forever") {
      into = std::nullopt;
      return std::nullopt;
    }
    const std::optional<Milliseconds> parsed = parse_duration(value);
    if (!parsed || *parsed < std::chrono::hours{1} || *parsed > std::chrono::hours{24 * 36'500}) {
      return "must be a duration from 1h to 36500d (such as 7d), or forever";
    }
    into = std::chrono::duration_cast<Seconds>(*parsed);
    return std::nullopt;
  };
}

}  // namespace openseer::options
