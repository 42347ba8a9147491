#include "domain/sketch.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace openseer::domain {
namespace {

double value_of(std::int32_t bin) {
  static const double gamma = std::exp(Sketch::log_gamma());
  return 2.0 * std::exp(Sketch::log_gamma() * bin) / (gamma + 1.0);
}

}  // namespace

double Sketch::log_gamma() {
  static const double value = std::log((1 + kRelativeError) / (1 - kRelativeError));
  return value;
}

std::int32_t Sketch::bin_of(Microseconds value) {
  const auto x = static_cast<double>(std::max<std::int64_t>(value.count(), 1));
  return static_cast<std::int32_t>(std::ceil(std::log(x) / log_gamma()));
}

void Sketch::add(Microseconds value, std::int64_t count) {
  bins_[bin_of(value)] += count;
  count_ += count;
}

void Sketch::merge(const Sketch& other) {
  for (const auto& [bin, count] : other.bins_) bins_[bin] += count;
  count_ += other.count_;
}

void Sketch::merge(std::span<const std::int32_t> bins, std::span<const std::int32_t> counts) {
  for (std::size_t i = 0; i < bins.size() && i < counts.size(); ++i) {
    bins_[bins[i]] += counts[i];
    count_ += counts[i];
  }
}

std::optional<Microseconds> Sketch::quantile(double q) const {
  if (count_ == 0) return std::nullopt;
  const double rank = std::clamp(q, 0.0, 1.0) * static_cast<double>(count_ - 1);
  const auto low_rank = static_cast<std::int64_t>(std::floor(rank));
  const auto high_rank = static_cast<std::int64_t>(std::ceil(rank));
  double low = 0;
  double high = 0;
  std::int64_t seen = 0;
  bool have_low = false;
  for (const auto& [bin, count] : bins_) {
    seen += count;
    if (!have_low && seen > low_rank) {
      low = value_of(bin);
      have_low = true;
    }
    if (seen > high_rank) {
      high = value_of(bin);
      break;
    }
  }
  const double value = low + (high - low) * (rank - static_cast<double>(low_rank));
  return Microseconds{std::llround(value)};
}

std::vector<std::int32_t> Sketch::bins() const {
  std::vector<std::int32_t> out;
  out.reserve(bins_.size());
  for (const auto& [bin, count] : bins_) out.push_back(bin);
  return out;
}

std::vector<std::int32_t> Sketch::counts() const {
  std::vector<std::int32_t> out;
  out.reserve(bins_.size());
  for (const auto& [bin, count] : bins_) {
    out.push_back(
        static_cast<std::int32_t>(std::min<std::int64_t>(count, std::numeric_limits<std::int32_t>::max())));
  }
  return out;
}

}  // namespace openseer::domain
