#include "control/api/device.h"

#include <span>
#include <utility>

namespace openseer::control {
namespace {

using Known = std::pair<std::string_view, std::string_view>;

// The first that occurs is it: each says that it is also those below it.
constexpr Known kBrowsers[] = {
    {"Edg", "Edge"},
    {"OPR/", "Opera"},
    {"Vivaldi/", "Vivaldi"},
    {"SamsungBrowser/", "Samsung Internet"},
    {"Firefox/", "Firefox"},
    {"FxiOS/", "Firefox"},
    {"HeadlessChrome/", "Chrome"},
    {"CriOS/", "Chrome"},
    {"Chromium/", "Chromium"},
    {"Chrome/", "Chrome"},
    {"Safari/", "Safari"},
    {"curl/", "curl"},
    {"openseer", "openseer"},
};
constexpr Known kSystems[] = {
    {"Windows", "Windows"}, {"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"},
    {"Mac OS X", "macOS"},  {"CrOS", "ChromeOS"},   {"Linux", "Linux"},
};

std::string_view find(std::string_view text, std::span<const Known> known) {
  for (const auto& [part, name] : known) {
    if (text.find(part) != std::string_view::npos) return name;
  }
  return {};
}

}  // namespace

std::string device_of(std::string_view user_agent) {
  std::string device(find(user_agent, kBrowsers));
  const std::string_view system = find(user_agent, kSystems);
  if (system.empty()) return device;
  if (!device.empty()) device += " on ";
  return device + std::string(system);
}

}  // namespace openseer::control
