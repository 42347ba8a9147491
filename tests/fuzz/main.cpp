#include <iterator>

#include "fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using openseer::fuzz::kTargets;
  if (size == 0) return 0;
  if (data[0] >= std::size(kTargets)) return -1;  // keep it out of the corpus
  kTargets[data[0]].run({reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}
