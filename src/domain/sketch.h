#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.h"

// DDSketch (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile
// sketch with relative-error guarantees", VLDB 2019), with a relative error of
// 1 %. A value x > 0 falls into bin ceil(ln(x) / ln(gamma)), gamma = 1.01 / 0.99;
// values below 1 us count as 1 us. Merging adds the bins, so percentiles over any
// range, regions or monitors lose nothing.
namespace openseer::domain {

class Sketch {
 public:
  static constexpr double kRelativeError = 0.01;

  // ln(gamma); the SQL that builds sketches uses the same constant.
  static double log_gamma();
  static std::int32_t bin_of(Microseconds value);

  void add(Microseconds value, std::int64_t count = 1);
  void merge(const Sketch& other);
  // Adds bins as stored: parallel arrays of bin numbers and counts.
  void merge(std::span<const std::int32_t> bins, std::span<const std::int32_t> counts);
  void clear();

  std::int64_t count() const { return count_; }
  // The value at rank ceil(q * count), as SQL's percentile_disc defines it; q in
  // [0, 1]. Within 1 % of the exact one, or 1 us. Empty without values.
  std::optional<Microseconds> quantile(double q) const;

  // The stored form, bins ascending.
  std::vector<std::int32_t> bins() const;
  std::vector<std::int32_t> counts() const;

 private:
  std::int64_t& at(std::int32_t bin);

  // Counts of the bins first_, first_ + 1, ...: latencies span some hundred.
  std::int32_t first_ = 0;
  std::vector<std::int64_t> counts_;
  std::int64_t count_ = 0;
};

}  // namespace openseer::domain
