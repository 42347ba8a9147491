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

std::int64_t& Sketch::at(std::int32_t bin) {
  if (counts_.empty()) first_ = bin;
  if (bin < first_) {
    counts_.insert(counts_.begin(), static_cast<std::size_t>(first_ - bin), 0);
    first_ = bin;
  }
  const auto index = static_cast<std::size_t>(bin - first_);
  if (index >= counts_.size()) counts_.resize(index + 1);
  return counts_[index];
}

void Sketch::add(Microseconds value, std::int64_t count) {
  at(bin_of(value)) += count;
  count_ += count;
}

void Sketch::merge(const Sketch& other) {
  if (other.counts_.empty()) return;
  at(other.first_);  // room at both ends
  at(other.first_ + static_cast<std::int32_t>(other.counts_.size()) - 1);
  const auto offset = static_cast<std::size_t>(other.first_ - first_);
  for (std::size_t i = 0; i < other.counts_.size(); ++i) counts_[offset + i] += other.counts_[i];
  count_ += other.count_;
}

void Sketch::merge(std::span<const std::int32_t> bins, std::span<const std::int32_t> counts) {
  for (std::size_t i = 0; i < bins.size() && i < counts.size(); ++i) {
    at(bins[i]) += counts[i];
    count_ += counts[i];
  }
}

void Sketch::clear() {
  counts_.clear();
  count_ = 0;
}

std::optional<Microseconds> Sketch::quantile(double q) const {
  if (count_ == 0) return std::nullopt;
  const double rank = std::ceil(std::clamp(q, 0.0, 1.0) * static_cast<double>(count_));
  const std::int64_t wanted = std::max<std::int64_t>(static_cast<std::int64_t>(rank), 1);
  std::int64_t seen = 0;
  std::int32_t bin = first_;
  for (const std::int64_t count : counts_) {
    seen += count;
    if (seen >= wanted) break;
    ++bin;
  }
  return Microseconds{std::llround(value_of(bin))};
}

std::vector<std::int32_t> Sketch::bins() const {
  std::vector<std::int32_t> out;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] != 0) out.push_back(first_ + static_cast<std::int32_t>(i));
  }
  return out;
}

std::vector<std::int32_t> Sketch::counts() const {
  std::vector<std::int32_t> out;
  for (const std::int64_t count : counts_) {
    if (count == 0) continue;
    out.push_back(
        static_cast<std::int32_t>(std::min<std::int64_t>(count, std::numeric_limits<std::int32_t>::max())));
  }
  return out;
}

}  // namespace openseer::domain
