#include <iterator>

#include "fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using openseer::fuzz::kTargets;
  if (size == 0) return 0;
  kTargets[data[0] % std::size(kTargets)].run({reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}
