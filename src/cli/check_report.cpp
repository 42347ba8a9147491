#include "cli/check_report.h"

#include <cmath>

#include "probe/plain_text.h"

namespace openseer::cli {
namespace {

using domain::CheckResult;
using domain::Hop;
using domain::Outcome;
using domain::Phases;

struct Phase {
  std::string_view name;
  Microseconds Phases::*value;
  int color;  // SGR
};
constexpr Phase kPhases[] = {
    {"dns", &Phases::dns, 35},   {"connect", &Phases::connect, 33},   {"tls", &Phases::tls, 36},
    {"wait", &Phases::wait, 34}, {"download", &Phases::download, 32},
};
constexpr int kBold = 1, kDim = 2, kRed = 31, kGreen = 32, kYellow = 33;
constexpr int kNameColumn = 12;
constexpr int kTimeColumn = 11;

std::string painted(std::string_view text, int sgr, const Style& style) {
  if (!style.color) return std::string(text);
  return "\x1b[" + std::to_string(sgr) + "m" + std::string(text) + "\x1b[0m";
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string right(std::string text, std::size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

// Three digits that count: "0.85 ms", "12.3 ms", "1.25 s".
std::string time_text(Microseconds value) {
  const double ms = static_cast<double>(value.count()) / 1000;
  std::array<char, 32> out{};
  if (ms >= 1000)
    std::snprintf(out.data(), out.size(), "%.2f s", ms / 1000);
  else
    std::snprintf(out.data(), out.size(), ms >= 100 ? "%.0f ms" : ms >= 10 ? "%.1f ms" : "%.2f ms", ms);
  return out.data();
}

std::string size_text(std::uint64_t bytes) {
  std::array<char, 32> out{};
  if (bytes < 1000) return std::to_string(bytes) + " B";
  if (bytes < 1'000'000)
    std::snprintf(out.data(), out.size(), "%.1f kB", static_cast<double>(bytes) / 1e3);
  else
    std::snprintf(out.data(), out.size(), "%.1f MB", static_cast<double>(bytes) / 1e6);
  return out.data();
}

std::string_view version_text(domain::HttpVersion version) {
  switch (version) {
    case domain::HttpVersion::k1_0:
      return "HTTP/1.0";
    case domain::HttpVersion::k1_1:
      return "HTTP/1.1";
    case domain::HttpVersion::k2:
      return "HTTP/2";
    case domain::HttpVersion::kNone:
      break;
  }
  return "";
}

std::string_view tls_text(std::int16_t version) {
  constexpr std::string_view kNames[] = {"", "TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3"};
  return version >= 0 && version < 5 ? kNames[version] : std::string_view{};
}

void join(std::string& list, std::string_view part, std::string_view separator) {
  if (part.empty()) return;
  if (!list.empty()) list += separator;
  list += part;
}

// A bar from `start` for `length` of a whole, in eighths of a column.
std::string bar(double start, double length, int columns, const Style& style) {
  const int first = std::min(static_cast<int>(start * columns), columns - 1);
  std::string out(static_cast<std::size_t>(first), ' ');
  if (!style.unicode) {
    const int count = std::max(1, static_cast<int>(std::lround(length * columns)));
    return out + std::string(static_cast<std::size_t>(std::min(count, columns - first)), '#');
  }
  constexpr std::string_view kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const int eighths =
      std::clamp(static_cast<int>(std::lround(length * columns * 8)), 1, (columns - first) * 8);
  for (int i = 0; i < eighths / 8; ++i) out += "█";
  return out + std::string(kEighths[eighths % 8]);
}

class Report {
 public:
  Report(const CheckResult& result, Instant now, const Style& style)
      : result_(result), measurement_(result.measurement), now_(now), style_(style) {
    columns_ = std::clamp(style.width - kNameColumn - kTimeColumn - 3, 10, 80);
    whole_ = std::max<double>(1, static_cast<double>(measurement_.phases.total.count()));
  }

  std::string text(const domain::MonitorSpec& spec) {
    Microseconds offset{0};
    for (const Hop& hop : measurement_.details.hops) {
      show_hop(hop, offset);
      offset += hop.phases.total;
    }
    const std::string total = right(time_text(measurement_.phases.total), kTimeColumn);
    out_ += "  " + painted(padded("total", kNameColumn) + total, kBold, style_) + "\n\n";
    show_certificate(spec);
    show_body();
    out_ += verdict();
    return std::move(out_);
  }

  std::string verdict() const {
    std::string text;
    const std::string status = measurement_.http_status == 0 ? "" : std::to_string(measurement_.http_status);
    switch (result_.outcome) {
      case Outcome::kOk:
        return painted(mark("✓ ", "") + "ok", kGreen, style_) + (status.empty() ? "" : "  status " + status) +
               '\n';
      case Outcome::kDegraded:
        text = painted(mark("! ", "") + "degraded", kYellow, style_);
        break;
      case Outcome::kFailed:
        text = painted(mark("✗ ", "") + "failed", kRed, style_);
        break;
    }
    text += "  " + measurement_.message + '\n';
    for (const domain::AssertionFailure& failure : measurement_.details.failures) {
      if (failure.message == measurement_.message) continue;
      text += "  " + mark("· ", "- ") + (failure.degraded ? "degraded: " : "") + failure.message + '\n';
    }
    return text;
  }

 private:
  std::string mark(std::string_view unicode, std::string_view plain) const {
    return std::string(style_.unicode ? unicode : plain);
  }

  void show_hop(const Hop& hop, Microseconds offset) {
    out_ += painted(hop.method + ' ' + probe::plain_text(hop.url), kBold, style_) + '\n';
    std::string connection = hop.remote_address;
    const std::string_view separator = style_.unicode ? " · " : ", ";
    if (hop.reused_connection) join(connection, "kept connection", separator);
    join(connection, version_text(hop.http_version), separator);
    join(connection, tls_text(hop.tls_version), separator);
    join(connection, hop.cipher, separator);
    if (hop.status != 0) join(connection, "status " + std::to_string(hop.status), separator);
    if (!connection.empty()) out_ += "  " + painted(connection, kDim, style_) + '\n';
    for (const domain::AddressAttempt& attempt : hop.attempts) {
      // The one that connected is said above.
      if (attempt.reason == domain::Reason::kNone) continue;
      out_ += "  " +
              painted("tried " + attempt.address + ", given up after " + time_text(attempt.elapsed), kYellow,
                      style_) +
              '\n';
    }
    for (const Phase& phase : kPhases) {
      const Microseconds value = hop.phases.*phase.value;
      if (value.count() > 0) show_phase(phase, value, offset);
      offset += value;
    }
    if (style_.show_headers) {
      for (const domain::ResponseHeader& header : hop.headers)
        out_ += "  " + painted(probe::plain_text(header.name) + ":", kDim, style_) + ' ' +
                probe::plain_text(header.value) + '\n';
    }
  }

  void show_phase(const Phase& phase, Microseconds value, Microseconds offset) {
    out_ += "  " + padded(std::string(phase.name), kNameColumn) + right(time_text(value), kTimeColumn) + ' ';
    const double start = static_cast<double>(offset.count()) / whole_;
    out_ += painted(bar(start, static_cast<double>(value.count()) / whole_, columns_, style_), phase.color,
                    style_);
    out_ += '\n';
  }

  void field(std::string_view name, const std::string& value) {
    if (!value.empty()) out_ += "  " + padded(std::string(name), kNameColumn) + ' ' + value + '\n';
  }

  void show_certificate(const domain::MonitorSpec& spec) {
    const std::vector<Hop>& hops = measurement_.details.hops;
    if (hops.empty() || hops.back().chain.empty()) return;
    const domain::CertificateSummary& leaf = hops.back().chain.front();
    field("certificate", probe::plain_text(leaf.subject));
    field("issuer", probe::plain_text(leaf.issuer));
    const auto days = std::chrono::floor<std::chrono::days>(leaf.not_after - now_).count();
    std::string until;
    if (leaf.not_after <= now_)
      until =
          painted("expired " + std::to_string(-days) + (days == -1 ? " day ago" : " days ago"), kRed, style_);
    else
      until = painted("expires in " + std::to_string(days) + (days == 1 ? " day" : " days"),
                      days < 14 ? kYellow : kGreen, style_);
    field("", until + ", " + date(leaf.not_after));
    if (spec.tls.skip_verification) field("", painted("NOT VERIFIED, as --insecure asks", kRed, style_));
  }

  static std::string date(Instant at) {
    const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(at)};
    std::array<char, 16> out{};
    std::snprintf(out.data(), out.size(), "%04d-%02u-%02u", static_cast<int>(day.year()),
                  static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
    return out.data();
  }

  void show_body() {
    if (measurement_.http_status == 0) return;
    const std::uint64_t wire = measurement_.details.wire_bytes;
    std::string size = size_text(measurement_.body_bytes);
    if (wire != 0 && wire != measurement_.body_bytes) size += " (" + size_text(wire) + " on the wire)";
    field("body", size);
    if (measurement_.details.hops.size() > 1)
      field("final URL", probe::plain_text(measurement_.details.final_url));
    out_ += '\n';
  }

  const CheckResult& result_;
  const domain::Measurement& measurement_;
  Instant now_;
  const Style& style_;
  int columns_ = 0;
  double whole_ = 1;
  std::string out_;
};

}  // namespace

std::string report(const domain::MonitorSpec& spec, const CheckResult& result, Instant now,
                   const Style& style) {
  return Report(result, now, style).text(spec);
}

std::string line(int number, const CheckResult& result, const Style& style) {
  const domain::Measurement& m = result.measurement;
  std::string out =
      right(std::to_string(number), 6) + "  " + right(time_text(m.phases.total), kTimeColumn) + "  ";
  return out + Report(result, {}, style).verdict();
}

Microseconds percentile(std::vector<Microseconds> values, double q) {
  if (values.empty()) return Microseconds{0};
  std::ranges::sort(values);
  const double rank = q * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(rank);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  const double share = rank - static_cast<double>(below);
  const auto step = static_cast<double>((values[above] - values[below]).count());
  return values[below] + Microseconds{std::llround(share * step)};
}

std::string summary(const std::vector<CheckResult>& results, const Style& style) {
  const auto failed = std::ranges::count(results, Outcome::kFailed, &CheckResult::outcome);
  const std::size_t ok = results.size() - static_cast<std::size_t>(failed);
  std::string out = "\n" + std::to_string(results.size()) + " checks: ";
  out += painted(std::to_string(ok) + " ok", ok == 0 ? kDim : kGreen, style) + ", ";
  out += painted(std::to_string(failed) + " failed", failed == 0 ? kDim : kRed, style) + "\n";
  if (ok == 0) return out;
  out += "\n  " + padded("", kNameColumn);
  for (const std::string_view name : {"min", "p50", "p95", "p99", "max"})
    out += right(std::string(name), kTimeColumn);
  out += '\n';
  const auto row = [&](std::string_view name, Microseconds Phases::*phase) {
    std::vector<Microseconds> values;
    for (const CheckResult& result : results) {
      if (result.outcome != Outcome::kFailed) values.push_back(result.measurement.phases.*phase);
    }
    if (std::ranges::all_of(values, [](Microseconds v) { return v.count() == 0; })) return;
    out += "  " + padded(std::string(name), kNameColumn);
    for (const double q : {0.0, 0.5, 0.95, 0.99, 1.0})
      out += right(time_text(percentile(values, q)), kTimeColumn);
    out += '\n';
  };
  for (const Phase& phase : kPhases) row(phase.name, phase.value);
  row("total", &Phases::total);
  return out;
}

}  // namespace openseer::cli
