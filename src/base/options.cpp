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

// The words of a command line, read from left to right.
class Words {
 public:
  Words(const Command& command, const std::vector<std::string>& words) : command_(command), words_(words) {}

  bool help() const {
    const auto end = std::find(words_.begin(), words_.end(), "--");
    return std::any_of(words_.begin(), end, [](const auto& w) { return w == "--help" || w == "-h"; });
  }
  // What is wrong, or nothing.
  std::optional<std::string> read() {
    std::optional<std::string> problem;
    while (at_ < words_.size() && !problem) problem = next();
    if (!problem && command_.argument && !given_.contains("")) {
      problem = "needs " + command_.argument->placeholder + " (see " + command_.name + " --help)";
    }
    return problem;
  }
  bool given(const std::string& name) const { return given_.contains(name); }

 private:
  std::optional<std::string> next() {
    const std::string& word = words_[at_++];
    if (only_arguments_ || word.size() < 2 || word[0] != '-') return argument(word);
    if (word == "--") {
      only_arguments_ = true;
      return std::nullopt;
    }
    return word[1] == '-' ? long_option(word) : letters(word);
  }

  std::optional<std::string> argument(const std::string& word) {
    if (!command_.argument || !given_.insert("").second) return "unexpected argument '" + word + "'";
    return take(*command_.argument, command_.argument->placeholder, word);
  }

  std::optional<std::string> long_option(const std::string& word) {
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
    const Option* option = find(command_, name);
    if (option == nullptr) return unknown("--" + name);
    if (equals != std::string::npos) return value(*option, "--" + name, word.substr(equals + 1));
    return value(*option, "--" + name, std::nullopt);
  }

  // -k, -kL, -XPOST, -X POST
  std::optional<std::string> letters(const std::string& word) {
    for (std::size_t i = 1; i < word.size(); ++i) {
      const std::string shown{'-', word[i]};
      const auto option = std::find_if(command_.options.begin(), command_.options.end(),
                                       [&](const Option& o) { return o.letter == word[i]; });
      if (option == command_.options.end()) return unknown(shown);
      const bool takes_rest = !option->placeholder.empty() && i + 1 < word.size();
      auto problem = value(*option, shown, takes_rest ? std::optional(word.substr(i + 1)) : std::nullopt);
      if (problem || takes_rest) return problem;
    }
    return std::nullopt;
  }

  std::optional<std::string> value(const Option& option, const std::string& shown,
                                   std::optional<std::string> inside) {
    if (!given_.insert(option.name).second && !option.repeatable) return shown + " is given twice";
    if (inside) return take(option, shown, *inside);
    if (option.placeholder.empty()) return take(option, shown, "true");
    if (at_ >= words_.size()) return shown + " needs a value";
    return take(option, shown, words_[at_++]);
  }

  std::string unknown(const std::string& shown) const {
    return "unknown option '" + shown + "' (see " + command_.name + " --help)";
  }

  const Command& command_;
  const std::vector<std::string>& words_;
  std::size_t at_ = 0;
  std::set<std::string> given_;  // the argument's name is empty
  bool only_arguments_ = false;
};

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
  Words words(command, arguments);
  if (words.help()) {
    out << help(command) << std::flush;
    return 0;
  }
  std::optional<std::string> problem = words.read();
  for (const Option& option : command.options) {
    if (problem) break;
    if (!words.given(option.name)) problem = read_rest(option, environment);
  }
  if (!problem) return std::nullopt;
  err << command.name << ": " << *problem << '\n' << std::flush;
  return 2;
}

std::string help(const Command& command) {
  std::string out = wrapped(command.summary, 0, 0) + "\nusage: " + command.name;
  if (!command.options.empty()) out += " [options]";
  if (command.argument) out += " " + command.argument->placeholder;
  out += "\n\noptions:\n";
  const bool letters = std::any_of(command.options.begin(), command.options.end(),
                                   [](const Option& o) { return o.letter != 0; });
  for (const Option& option : command.options) {
    std::string head = letters ? "      --" : "  --";
    if (option.letter != 0) head = "  -" + std::string(1, option.letter) + ", --";
    head += option.name;
    if (!option.placeholder.empty()) head += " " + option.placeholder;
    out += head + wrapped(option.help + notes(option), head.size(), kHelpColumn);
  }
  const std::string head = letters ? "  -h, --help" : "  --help";
  out += head + wrapped("Shows this.", head.size(), kHelpColumn);
  const bool variables = std::any_of(command.options.begin(), command.options.end(),
                                     [](const Option& o) { return !o.variable.empty(); });
  if (variables) {
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
