#include "base/metrics.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace openseer::metrics {
namespace {

[[noreturn]] void bug(const std::string& name, const char* what) {
  std::fprintf(stderr, "metrics: %s %s\n", name.c_str(), what);
  std::abort();
}

bool valid_name(const std::string& name) {
  return name.starts_with("openseer_") && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

std::string escaped(const std::string& text, bool quotes) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quotes) {
      out += "\\\"";
    } else {
      out += c;
    }
  }
  return out;
}

// name="value",... in the order given.
std::string rendered(const Labels& labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    out += (out.empty() ? "" : ",") + name + "=\"" + escaped(value, true) + '"';
  }
  return out;
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return {text, end};
}

void line(std::string& out, const std::string& name, const std::string& labels, const std::string& value) {
  out += name;
  if (!labels.empty()) out += '{' + labels + '}';
  out += ' ' + value + '\n';
}

void expose_histogram(std::string& out, const std::string& name, const std::string& labels,
                      const Histogram& histogram) {
  const Histogram::Snapshot now = histogram.snapshot();
  const std::string before = labels.empty() ? "" : labels + ",";
  for (std::size_t i = 0; i < histogram.bounds().size(); ++i) {
    line(out, name + "_bucket", before + "le=\"" + number(histogram.bounds()[i]) + '"',
         std::to_string(now.cumulative[i]));
  }
  line(out, name + "_bucket", before + "le=\"+Inf\"", std::to_string(now.cumulative.back()));
  line(out, name + "_sum", labels, number(now.sum));
  line(out, name + "_count", labels, std::to_string(now.cumulative.back()));
}

}  // namespace

Histogram::Histogram(std::vector<double> bounds) : bounds_(std::move(bounds)), counts_(bounds_.size() + 1) {}

void Histogram::observe(double value) {
  const auto bound = std::lower_bound(bounds_.begin(), bounds_.end(), value);
  counts_[static_cast<std::size_t>(bound - bounds_.begin())].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

Histogram::Snapshot Histogram::snapshot() const {
  Snapshot out;
  std::uint64_t total = 0;
  for (const auto& count : counts_) {
    total += count.load(std::memory_order_relaxed);
    out.cumulative.push_back(total);
  }
  out.sum = sum_.load(std::memory_order_relaxed);
  return out;
}

Registry::Family& Registry::family(const std::string& name, const std::string& help, Kind kind) {
  if (!valid_name(name)) bug(name, "is no name for a metric");
  if ((kind == Kind::kCounter) != name.ends_with("_total"))
    bug(name, "must end in _total if it is a counter");
  const auto [found, fresh] = families_.try_emplace(name, Family{kind, help, {}});
  if (found->second.kind != kind) bug(name, "is already of another kind");
  return found->second;
}

Counter& Registry::counter(const std::string& name, const std::string& help, Labels labels) {
  const std::lock_guard lock(mutex_);
  Series& series = family(name, help, Kind::kCounter).series[rendered(labels)];
  if (!series.counter) series.counter = std::make_unique<Counter>();
  return *series.counter;
}

Histogram& Registry::histogram(const std::string& name, const std::string& help, std::vector<double> bounds,
                               Labels labels) {
  const std::lock_guard lock(mutex_);
  Series& series = family(name, help, Kind::kHistogram).series[rendered(labels)];
  if (!series.histogram) series.histogram = std::make_unique<Histogram>(std::move(bounds));
  return *series.histogram;
}

void Registry::gauge(const std::string& name, const std::string& help, std::function<double()> read,
                     Labels labels) {
  const std::lock_guard lock(mutex_);
  family(name, help, Kind::kGauge).series[rendered(labels)].gauge = std::move(read);
}

std::string Registry::expose() const {
  static constexpr const char* kKinds[] = {"counter", "gauge", "histogram"};
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& [name, family] : families_) {
    out += "# HELP " + name + ' ' + escaped(family.help, false) + '\n';
    out += "# TYPE " + name + ' ' + kKinds[static_cast<int>(family.kind)] + '\n';
    for (const auto& [labels, series] : family.series) {
      if (series.counter) line(out, name, labels, std::to_string(series.counter->value()));
      if (series.gauge) line(out, name, labels, number(series.gauge()));
      if (series.histogram) expose_histogram(out, name, labels, *series.histogram);
    }
  }
  return out;
}

Registry& process() {
  static Registry registry;
  return registry;
}

std::vector<double> seconds_buckets() {
  return {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
}
std::vector<double> size_buckets() { return {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000}; }

}  // namespace openseer::metrics
