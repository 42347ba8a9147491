#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace openseer::control {

// Which specifications, monitor and version, one stream has carried: an open
// hash table of 16 bytes an entry, for there may be millions over all streams. Pure.
class CarriedSpecs {
 public:
  bool contains(std::int64_t monitor_id, std::int64_t version) const {
    if (entries_.empty()) return false;
    const Entry& entry = entries_[find(monitor_id)];
    return entry.monitor_id == monitor_id && entry.version == version;
  }
  void insert(std::int64_t monitor_id, std::int64_t version) {
    if (4 * (size_ + 1) > 3 * entries_.size()) grow();
    Entry& entry = entries_[find(monitor_id)];
    if (entry.monitor_id != monitor_id) ++size_;
    entry = {monitor_id, version};
  }
  void clear() {
    entries_ = {};
    size_ = 0;
  }
  std::size_t size() const { return size_; }
  std::size_t bytes() const { return entries_.size() * sizeof(Entry); }

  // How many may be in it before its table takes more than `bytes`; some places are
  // left for the batch that reaches that number.
  static constexpr std::size_t capacity(std::size_t bytes) {
    return std::bit_floor(std::max(bytes / sizeof(Entry), kFewest)) / 16 * 11;
  }

 private:
  struct Entry {
    std::int64_t monitor_id = 0;  // 0: free; ids begin at 1
    std::int64_t version = 0;
  };

  static constexpr std::size_t kFewest = 64;  // places of a table

  // Its place, or the free one where it would go.
  std::size_t find(std::int64_t monitor_id) const {
    const std::size_t mask = entries_.size() - 1;
    std::size_t place = (static_cast<std::uint64_t>(monitor_id) * 0x9e3779b97f4a7c15U >> 32U) & mask;
    while (entries_[place].monitor_id != 0 && entries_[place].monitor_id != monitor_id)
      place = (place + 1) & mask;
    return place;
  }
  void grow() {
    std::vector<Entry> before = std::move(entries_);
    entries_.assign(before.empty() ? kFewest : 2 * before.size(), {});
    for (const Entry& entry : before) {
      if (entry.monitor_id != 0) entries_[find(entry.monitor_id)] = entry;
    }
  }

  std::vector<Entry> entries_;  // a power of two
  std::size_t size_ = 0;
};

}  // namespace openseer::control
