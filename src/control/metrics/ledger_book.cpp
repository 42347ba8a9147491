#include "control/metrics/ledger_book.h"

#include <algorithm>

namespace openseer::control {

using store::Span;

LedgerBook::LedgerBook(const store::Timeline& timeline) : now_(timeline.now) {
  for (const store::JobEpoch& job : timeline.epochs) {
    Entry& entry = entries_[job.job_id];
    if (entry.epochs.empty()) jobs_.push_back(&job);
    entry.epochs.push_back(job.epoch);
  }
  for (const store::Gap& gap : timeline.gaps) {
    const auto entry = entries_.find(gap.job_id);
    if (entry != entries_.end()) entry->second.gaps.push_back({gap.first, gap.until});
  }
  for (const store::OpenSlot& open : timeline.open) {
    const auto entry = entries_.find(open.job_id);
    if (entry != entries_.end()) entry->second.open.push_back(open.slot);
  }
  for (auto& [job_id, entry] : entries_)
    std::sort(entry.gaps.begin(), entry.gaps.end(),
              [](const Span& a, const Span& b) { return a.from < b.from; });
}

std::int64_t LedgerBook::slots_of(const Entry& entry, Span span) {
  std::int64_t count = 0;
  for (const domain::Epoch& epoch : entry.epochs) count += domain::count_slots(epoch, span.from, span.to);
  return count;
}

std::int64_t LedgerBook::slots(std::int64_t job_id, Span span) const {
  const auto found = entries_.find(job_id);
  return found == entries_.end() ? 0 : slots_of(found->second, span);
}

std::int64_t LedgerBook::expected(std::int64_t job_id, Span span) const {
  const auto found = entries_.find(job_id);
  if (found == entries_.end()) return 0;
  span.to = std::min(span.to, now_ + Microseconds{1});
  if (span.empty()) return 0;
  std::int64_t count = slots_of(found->second, span);
  for (const Instant open : found->second.open) count -= open >= span.from && open < span.to ? 1 : 0;
  return count;
}

std::int64_t LedgerBook::missed(std::int64_t job_id, Span span) const {
  const auto found = entries_.find(job_id);
  if (found == entries_.end()) return 0;
  std::int64_t count = 0;
  for (const Span& gap : found->second.gaps) {
    const Span part{std::max(gap.from, span.from), std::min(gap.to, span.to)};
    if (!part.empty()) count += slots_of(found->second, part);
  }
  return count;
}

bool LedgerBook::should_have_result(std::int64_t job_id, Instant slot) const {
  const auto found = entries_.find(job_id);
  if (found == entries_.end()) return false;
  const Entry& entry = found->second;
  if (std::find(entry.open.begin(), entry.open.end(), slot) != entry.open.end()) return false;
  // The last gap that begins at or before the slot.
  const auto after = std::upper_bound(entry.gaps.begin(), entry.gaps.end(), slot,
                                      [](Instant t, const Span& gap) { return t < gap.from; });
  return after == entry.gaps.begin() || std::prev(after)->to <= slot;
}

const std::vector<Span>& LedgerBook::gaps(std::int64_t job_id) const {
  static const std::vector<Span> kNone;
  const auto found = entries_.find(job_id);
  return found == entries_.end() ? kNone : found->second.gaps;
}

}  // namespace openseer::control
