#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/remote_clock.h"
#include "domain/judge.h"
#include "domain/lease.h"

namespace openseer::worker {

// A specification with its verdict made ready, once for all of its checks.
struct Plan {
  explicit Plan(domain::MonitorSpec s) : spec(std::move(s)), judge(spec) {}
  domain::MonitorSpec spec;
  domain::Judge judge;
};

// Runs leased jobs, each from its slot on by the server's clock and never before,
// for they may come a little early, and at most `concurrency` at once; the rest waits (the control
// plane sends about as many as asked for, and announcements and jobs may cross).
// Decides, but does no I/O: starting a probe is the function given. Owned by the
// worker's event loop.
class Runner {
 public:
  using Spec = std::shared_ptr<const Plan>;
  using Done = std::function<void(domain::Measurement)>;
  // Starts a probe; `Done` is called once, later, never from within.
  using Start = std::function<void(std::shared_ptr<const domain::MonitorSpec>, Done)>;
  using Finished = std::function<void(domain::LeasedResult)>;
  using Now = std::function<Monotonic()>;
  // For how long this process has stood still so far (StallWatch).
  using Stalled = std::function<Microseconds()>;

  // `server` is the control plane's clock: results carry its time.
  Runner(
      std::size_t concurrency, const RemoteClock& server, Now now, Start start, Finished finished,
      Stalled stalled = [] { return Microseconds{0}; });

  // `want_evidence`: also of an ok result.
  void assign(const domain::Lease& lease, Spec spec, Microseconds lease_duration, bool want_evidence = false);
  // When start_due() is to be called next; nothing while no job is early.
  std::optional<Monotonic> next_start() const;
  // Starts the jobs whose slot has come.
  void start_due();

  // A check that a person waits for: no lease, nothing is stored. It starts at
  // once, beside the jobs, unless too many do.
  void run_order(std::int64_t order, Spec spec);
  void refuse_order(std::int64_t order, std::string why);
  struct Report {
    std::int64_t order = 0;
    domain::CheckResult result;
    std::string evidence;
  };
  std::vector<Report> take_reports() { return std::exchange(reports_, {}); }
  // Those that run are not reported any more.
  void forget_orders();
  // Called when there is something for take_reports().
  void on_report(std::function<void()> reported) { reported_ = std::move(reported); }

  // Jobs that have not started, taken back to be returned.
  std::vector<domain::Lease> take_waiting();
  // Runs during which this process stood still and whose lease is still held: to
  // be returned, for what they measured is the worker and not the target.
  std::vector<domain::Lease> take_spoiled();

  // Leases of which half has passed: to be renewed; and those of which only a
  // renewal tells whether they are still held.
  std::vector<domain::Lease> aging() const;
  // The answer to a renewal of `asked`. A lease that was not extended is lost: a job
  // that has not started under it does not start, and the result of one that runs is
  // sent for the fence to refuse and count.
  void renewed(const std::vector<domain::Lease>& asked, const std::vector<domain::Lease>& extended,
               Microseconds lease_duration);

  std::size_t concurrency() const { return concurrency_; }
  std::size_t running() const { return running_.size(); }
  std::size_t orders() const { return orders_running_; }
  // Running, waiting and early.
  std::size_t load() const { return running_.size() + waiting_.size() + early_.size(); }
  // Jobs whose lease went away before they started.
  std::uint64_t lost() const { return lost_; }

 private:
  struct Run {
    domain::Lease lease;
    Spec spec;
    Microseconds lease_duration{};
    Monotonic lease_until;
    Instant started_at;
    bool lost = false;
    bool want_evidence = false;
    Microseconds stalled_before{};
  };
  // A job's older run may still be going under a lease that has expired.
  using Key = std::pair<std::int64_t, std::int64_t>;
  static Key key(const domain::Lease& lease) { return {lease.job_id, lease.fence}; }

  struct Kept {
    domain::CheckResult result;
    std::string evidence;
  };
  static Kept judge(const Plan& plan, domain::Measurement measurement, Instant started_at,
                    bool want_evidence);
  void report(Report report);

  void start_waiting();
  void complete(const Key& key, domain::Measurement measurement);
  bool is_aging(const Run& run, Monotonic now) const;

  std::size_t concurrency_;
  const RemoteClock& server_;
  Now now_;
  Start start_;
  Finished finished_;
  std::multimap<Monotonic, Run> early_;  // by their slots
  std::deque<Run> waiting_;
  Stalled stalled_;
  std::map<Key, Run> running_;
  std::vector<domain::LeasedResult> suspects_;  // of stalled runs; a renewal decides
  std::vector<domain::Lease> spoiled_;
  std::uint64_t lost_ = 0;
  std::size_t orders_running_ = 0;
  std::uint64_t orders_since_ = 0;  // grows with forget_orders()
  std::vector<Report> reports_;
  std::function<void()> reported_;
};

}  // namespace openseer::worker
