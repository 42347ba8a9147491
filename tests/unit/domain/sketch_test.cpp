#include "domain/sketch.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>

#include <gtest/gtest.h>

namespace openseer::domain {
namespace {

using Values = std::vector<std::int64_t>;

// PostgreSQL's percentile_disc.
double exact_quantile(const Values& sorted, double q) {
  const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(sorted.size())));
  return static_cast<double>(sorted[std::max<std::size_t>(rank, 1) - 1]);
}

Sketch sketch_of(const Values& values) {
  Sketch sketch;
  for (const std::int64_t v : values) sketch.add(Microseconds{v});
  return sketch;
}

void expect_within_one_percent(Values values) {
  const Sketch sketch = sketch_of(values);
  std::ranges::sort(values);
  for (const double q : {0.0, 0.01, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1.0}) {
    const double exact = exact_quantile(values, q);
    const auto found = static_cast<double>(sketch.quantile(q).value().count());
    // Half a microsecond more for rounding to whole ones.
    EXPECT_NEAR(found, exact, exact * Sketch::kRelativeError + 0.5) << "q=" << q << " of " << values.size();
  }
}

Values draw(std::size_t count, const std::function<double(std::mt19937_64&)>& next, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Values values(count);
  for (std::int64_t& v : values) v = std::max<std::int64_t>(1, std::llround(next(random)));
  return values;
}

Values log_normal(std::size_t count, std::uint64_t seed) {
  std::lognormal_distribution<double> shape(std::log(80'000.0), 0.9);
  return draw(
      count, [&](auto& random) { return shape(random); }, seed);
}

Values bimodal(std::size_t count, std::uint64_t seed) {
  std::normal_distribution<double> fast(20'000, 1'500);
  std::normal_distribution<double> slow(4'000'000, 300'000);
  std::bernoulli_distribution is_slow(0.3);
  return draw(
      count, [&](auto& random) { return is_slow(random) ? slow(random) : fast(random); }, seed);
}

TEST(Sketch, QuantilesOfLogNormalDataAreWithinOnePercent) {
  for (const std::size_t count : {1u, 2u, 3u, 7u, 100u, 1000u, 50'000u}) {
    expect_within_one_percent(log_normal(count, count));
  }
}

TEST(Sketch, QuantilesOfBimodalDataAreWithinOnePercent) {
  for (const std::size_t count : {2u, 5u, 101u, 20'000u}) expect_within_one_percent(bimodal(count, count));
}

TEST(Sketch, QuantilesOfConstantDataAreWithinOnePercent) {
  for (const std::int64_t value : {1, 2, 99, 1'000, 123'456, 60'000'000}) {
    expect_within_one_percent(Values(1000, value));
  }
}

TEST(Sketch, MergedPartsEqualTheWhole) {
  const Values values = log_normal(10'000, 7);
  Sketch merged;
  Sketch from_stored;
  for (std::size_t begin = 0; begin < values.size(); begin += 777) {
    const std::size_t end = std::min(begin + 777, values.size());
    const Sketch part = sketch_of(Values(values.begin() + static_cast<std::ptrdiff_t>(begin),
                                         values.begin() + static_cast<std::ptrdiff_t>(end)));
    merged.merge(part);
    from_stored.merge(part.bins(), part.counts());
  }
  const Sketch whole = sketch_of(values);
  for (const Sketch* sketch : {&merged, &from_stored}) {
    EXPECT_EQ(sketch->count(), 10'000);
    EXPECT_EQ(sketch->bins(), whole.bins());
    EXPECT_EQ(sketch->counts(), whole.counts());
    for (const double q : {0.5, 0.95, 0.99}) EXPECT_EQ(sketch->quantile(q), whole.quantile(q));
  }
}

TEST(Sketch, StoredBinsAscend) {
  const Sketch sketch = sketch_of(bimodal(5000, 3));
  const std::vector<std::int32_t> bins = sketch.bins();
  EXPECT_EQ(bins.size(), sketch.counts().size());
  EXPECT_TRUE(std::ranges::is_sorted(bins));
  EXPECT_EQ(std::ranges::adjacent_find(bins), bins.end());
}

TEST(Sketch, EmptyHasNoQuantile) {
  EXPECT_FALSE(Sketch{}.quantile(0.5).has_value());
  EXPECT_EQ(Sketch{}.count(), 0);
}

TEST(Sketch, NothingIsShorterThanAMicrosecond) {
  EXPECT_EQ(Sketch::bin_of(Microseconds{0}), Sketch::bin_of(Microseconds{1}));
  EXPECT_EQ(Sketch::bin_of(Microseconds{-5}), 0);
}

}  // namespace
}  // namespace openseer::domain
