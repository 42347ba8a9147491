#include "domain/figures.h"

#include <algorithm>

namespace openseer::domain {
namespace {

constexpr char kVersion = 1;
constexpr std::int32_t kHighestBin = 2000;  // far above a day

// LEB128: seven bits a byte, the lowest first. Negative numbers do not occur.
void put(std::string& out, std::int64_t value) {
  auto rest = static_cast<std::uint64_t>(std::max<std::int64_t>(value, 0));
  while (rest >= 0x80) {
    out.push_back(static_cast<char>(rest | 0x80));
    rest >>= 7;
  }
  out.push_back(static_cast<char>(rest));
}

class Input {
 public:
  explicit Input(std::string_view bytes) : bytes_(bytes) {}
  std::int64_t take() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      if (at_ == bytes_.size()) break;
      const auto byte = static_cast<unsigned char>(bytes_[at_++]);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return static_cast<std::int64_t>(value);
    }
    good_ = false;
    return 0;
  }
  // A number of things that each take at least a byte.
  std::size_t take_size() {
    const auto size = static_cast<std::size_t>(take());
    if (size > bytes_.size() - at_) good_ = false;
    return good_ ? size : 0;
  }
  bool good() const { return good_; }
  void spoil() { good_ = false; }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  bool good_ = true;
};

void put(std::string& out, const Sketch& sketch) {
  const std::vector<std::int32_t> bins = sketch.bins();
  const std::vector<std::int32_t> counts = sketch.counts();
  put(out, static_cast<std::int64_t>(bins.size()));
  std::int32_t before = 0;
  for (std::size_t i = 0; i < bins.size(); ++i) {
    put(out, bins[i] - before);
    put(out, counts[i]);
    before = bins[i];
  }
}

Sketch take_sketch(Input& input) {
  std::vector<std::int32_t> bins, counts;
  std::int32_t bin = 0;
  for (std::size_t left = input.take_size(); left > 0 && input.good(); --left) {
    bin += static_cast<std::int32_t>(input.take());
    if (bin > kHighestBin) input.spoil();
    bins.push_back(bin);
    counts.push_back(static_cast<std::int32_t>(input.take()));
  }
  Sketch sketch;
  if (input.good()) sketch.merge(bins, counts);
  return sketch;
}

std::int32_t in_us(std::optional<Microseconds> value) {
  return value ? static_cast<std::int32_t>(value->count()) : 0;
}

}  // namespace

void MonitorFigures::add(bool ok, Microseconds total) {
  HourFigures& hour = hours.back();
  ++(ok ? hour.ok : hour.failed);
  if (ok) open.add(total);
  add_recent(ok, total);
}

void MonitorFigures::add_recent(bool ok, Microseconds total) {
  if (recent_us.size() == kRecent) recent_us.erase(recent_us.begin());
  // Zero says failed; an ok result took at least a microsecond.
  recent_us.push_back(ok ? static_cast<std::int32_t>(std::max<std::int64_t>(total.count(), 1)) : 0);
}

MonitorFigures::Day MonitorFigures::finish() {
  hours.back().p95_us = in_us(open.quantile(0.95));
  Day day;
  for (const HourFigures& hour : hours) {
    day.ok += hour.ok;
    day.failed += hour.failed;
    day.missed += hour.missed;
  }
  Sketch all = closed;
  all.merge(open);
  day.p50 = all.quantile(0.5);
  day.p95 = all.quantile(0.95);
  day.p99 = all.quantile(0.99);
  return day;
}

std::string MonitorFigures::pack() const {
  std::string out(1, kVersion);
  for (const HourFigures& hour : hours) {
    for (const std::int32_t number : {hour.ok, hour.failed, hour.missed, hour.p95_us}) put(out, number);
  }
  put(out, closed);
  put(out, open);
  put(out, static_cast<std::int64_t>(recent_us.size()));
  for (const std::int32_t value : recent_us) put(out, value);
  return out;
}

std::optional<MonitorFigures> MonitorFigures::unpack(std::string_view bytes) {
  if (bytes.empty() || bytes.front() != kVersion) return std::nullopt;
  Input input(bytes.substr(1));
  MonitorFigures figures;
  for (HourFigures& hour : figures.hours) {
    for (std::int32_t* number : {&hour.ok, &hour.failed, &hour.missed, &hour.p95_us})
      *number = static_cast<std::int32_t>(input.take());
  }
  figures.closed = take_sketch(input);
  figures.open = take_sketch(input);
  for (std::size_t left = input.take_size(); left > 0; --left)
    figures.recent_us.push_back(static_cast<std::int32_t>(input.take()));
  if (!input.good()) return std::nullopt;
  return figures;
}

std::array<HourFigures, MonitorFigures::kHours> hours_at(const MonitorFigures& figures, Instant base,
                                                         Instant now) {
  std::array<HourFigures, MonitorFigures::kHours> shown{};
  const auto passed =
      static_cast<std::size_t>(std::max<std::int64_t>((now - base) / std::chrono::hours{1}, 0));
  for (std::size_t i = passed; i < shown.size(); ++i) shown[i - passed] = figures.hours[i];
  return shown;
}

}  // namespace openseer::domain
