#include "app/log_options.h"

namespace openseer::app {

std::vector<options::Option> log_options(LogOptions& into) {
  using Format = std::optional<log::Format>;
  return {
      {"log-level", "OPENSEER_LOG_LEVEL", "LEVEL", "info",
       "The least that is logged: debug, info, warning or error.",
       options::choice<log::Level>(into.level, {{"debug", log::Level::kDebug},
                                                {"info", log::Level::kInfo},
                                                {"warning", log::Level::kWarning},
                                                {"error", log::Level::kError}})},
      {"log-format", "OPENSEER_LOG_FORMAT", "FORMAT", "auto",
       "How it is logged: text for people, json for machines, or auto: text on a terminal, json otherwise.",
       options::choice<Format>(
           into.format,
           {{"auto", std::nullopt}, {"text", log::Format::kText}, {"json", log::Format::kJson}})}};
}

void start_log(const LogOptions& options, std::string component) {
  log::configure(options.level, options.format.value_or(log::default_format()), std::move(component));
}

}  // namespace openseer::app
