#include "control/api/answers.h"

#include "wire/monitor.h"
#include "wire/result.h"
#include "wire/time.h"

namespace openseer::control {
namespace {

v1::Result result_message(const domain::CheckResult& check, std::int64_t monitor_id,
                          const std::string& region, Instant slot, std::int32_t worker_id) {
  v1::Result message = wire::to_proto(check);
  message.set_monitor_id(std::to_string(monitor_id));
  message.set_region(region);
  *message.mutable_slot() = wire::to_proto(slot);
  message.set_worker_id(std::to_string(worker_id));
  return message;
}

// Windows and ledgers have the same five fields.
template <class Message>
void set_counts(Message& message, const LedgerCounts& counts) {
  message.set_ok(static_cast<std::uint64_t>(counts.ok));
  message.set_failed(static_cast<std::uint64_t>(counts.failed));
  message.set_missed(static_cast<std::uint64_t>(counts.missed));
  if (const auto uptime = counts.uptime()) message.set_uptime(*uptime);
  if (const auto coverage = counts.coverage()) message.set_coverage(*coverage);
}

// Points, series and ledgers have the same three fields.
struct Percentiles {
  explicit Percentiles(const domain::Sketch& sketch)
      : p50(sketch.quantile(0.5)), p95(sketch.quantile(0.95)), p99(sketch.quantile(0.99)) {}
  std::optional<Microseconds> p50, p95, p99;
};
template <class Message, class Values>
void set_percentiles(Message& message, const Values& values) {
  if (values.p50) *message.mutable_p50() = wire::to_proto(*values.p50);
  if (values.p95) *message.mutable_p95() = wire::to_proto(*values.p95);
  if (values.p99) *message.mutable_p99() = wire::to_proto(*values.p99);
}

}  // namespace

v1::User to_proto(const store::User& user) {
  v1::User message;
  message.set_id(std::to_string(user.id));
  message.set_email(user.email);
  *message.mutable_created_at() = wire::to_proto(user.created_at);
  message.set_instance_owner(user.instance_owner);
  message.set_display_name(user.display_name);
  message.set_two_factor(user.two_factor);
  return message;
}

v1::Membership to_proto(const store::Membership& membership) {
  v1::Membership message;
  message.set_workspace_id(std::to_string(membership.workspace_id));
  message.set_workspace_name(membership.workspace_name);
  message.set_role(static_cast<v1::Role>(membership.role));
  return message;
}

v1::Region to_proto(const store::Region& region) {
  v1::Region message;
  message.set_name(region.name);
  message.set_workers_online(static_cast<std::uint32_t>(region.workers_online));
  message.set_in_flight(static_cast<std::uint32_t>(region.in_flight));
  message.set_checks_per_second(region.checks_per_second);
  return message;
}

v1::Worker to_proto(const store::Worker& worker) {
  v1::Worker message;
  message.set_id(std::to_string(worker.id));
  message.set_name(worker.name);
  message.set_region(worker.region);
  message.set_version(worker.version);
  message.set_online(worker.online);
  *message.mutable_enrolled_at() = wire::to_proto(worker.enrolled_at);
  if (worker.last_seen_at) *message.mutable_last_seen_at() = wire::to_proto(*worker.last_seen_at);
  *message.mutable_certificate_expires_at() = wire::to_proto(worker.certificate_expires_at);
  if (worker.revoked_at) *message.mutable_revoked_at() = wire::to_proto(*worker.revoked_at);
  message.set_in_flight(static_cast<std::uint32_t>(worker.in_flight));
  message.set_checks_per_second(worker.checks_per_second);
  return message;
}

v1::MonitorSummary to_proto(const store::MonitorSummary& summary) {
  v1::MonitorSummary message;
  message.set_id(std::to_string(summary.id));
  message.set_name(summary.name);
  message.set_url(summary.url);
  *message.mutable_interval() = wire::to_proto(Microseconds{summary.interval});
  message.set_state(static_cast<v1::MonitorState>(summary.state));
  *message.mutable_state_since() = wire::to_proto(summary.state_since);
  if (const auto& last = summary.last_result) {
    *message.mutable_last_result() =
        result_message(last->check, summary.id, last->region, last->slot, last->worker_id);
  }
  const LedgerCounts day{summary.ok_24h, summary.failed_24h, summary.missed_24h};
  if (const auto uptime = day.uptime()) message.set_uptime_24h(*uptime);
  if (const auto coverage = day.coverage()) message.set_coverage_24h(*coverage);
  if (summary.p50_24h) *message.mutable_p50_24h() = wire::to_proto(*summary.p50_24h);
  if (summary.p95_24h) *message.mutable_p95_24h() = wire::to_proto(*summary.p95_24h);
  if (summary.p99_24h) *message.mutable_p99_24h() = wire::to_proto(*summary.p99_24h);
  message.mutable_tags()->Add(summary.tags.begin(), summary.tags.end());
  message.mutable_regions()->Add(summary.regions.begin(), summary.regions.end());
  for (const domain::HourFigures& hour : summary.hours) {
    *message.add_hours() = to_proto(LedgerCounts{hour.ok, hour.failed, hour.missed});
    message.add_hours_p95_us(static_cast<std::uint32_t>(hour.p95_us));
  }
  for (const std::int32_t value : summary.recent_us) {
    message.add_sparkline_us(static_cast<std::uint32_t>(std::max(value, 0)));
  }
  return message;
}

v1::Monitor to_proto(const store::MonitorSummary& summary, const store::StoredSpec& spec) {
  v1::Monitor message;
  *message.mutable_summary() = to_proto(summary);
  *message.mutable_spec() = wire::to_proto(spec.spec, wire::Secrets::kHidden);
  *message.mutable_created_at() = wire::to_proto(spec.created_at);
  *message.mutable_updated_at() = wire::to_proto(spec.updated_at);
  return message;
}

v1::Overview to_proto(const store::Overview& overview) {
  const auto number = [](std::int64_t value) { return static_cast<std::uint32_t>(value); };
  v1::Overview message;
  message.set_total(number(overview.total));
  message.set_up(number(overview.up));
  message.set_degraded(number(overview.degraded));
  message.set_down(number(overview.down));
  message.set_no_data(number(overview.no_data));
  message.set_paused(number(overview.paused));
  message.set_pending(number(overview.pending));
  const LedgerCounts day{overview.ok_24h, overview.failed_24h, overview.missed_24h};
  message.set_checks_24h(static_cast<std::uint64_t>(overview.ok_24h + overview.failed_24h));
  if (const auto uptime = day.uptime()) message.set_uptime_24h(*uptime);
  if (const auto coverage = day.coverage()) message.set_coverage_24h(*coverage);
  message.set_workers_online(number(overview.workers_online));
  return message;
}

v1::GetOverviewResponse to_proto(const store::Highlights& highlights) {
  v1::GetOverviewResponse message;
  *message.mutable_overview() = to_proto(highlights.overview);
  for (const store::SlowMonitor& slow : highlights.slowest) {
    v1::SlowMonitor& line = *message.add_slowest();
    line.set_monitor_id(std::to_string(slow.monitor_id));
    line.set_name(slow.name);
    line.set_state(static_cast<v1::MonitorState>(slow.state));
    *line.mutable_p50_24h() = wire::to_proto(slow.p50_24h);
    *line.mutable_p95_24h() = wire::to_proto(slow.p95_24h);
  }
  for (const store::RecentFailure& failure : highlights.recent_failures) {
    v1::RecentFailure& line = *message.add_recent_failures();
    line.set_monitor_id(std::to_string(failure.monitor_id));
    line.set_name(failure.name);
    line.set_state(static_cast<v1::MonitorState>(failure.state));
    *line.mutable_result() = result_message(failure.result.check, failure.monitor_id, failure.region,
                                            failure.result.slot, failure.result.worker_id);
  }
  for (const store::RegionHealth& region : highlights.regions) {
    v1::RegionHealth& line = *message.add_regions();
    line.set_region(region.region);
    line.set_workers_online(static_cast<std::uint32_t>(region.workers_online));
    line.set_ok_1h(static_cast<std::uint32_t>(region.ok_1h));
    line.set_failed_1h(static_cast<std::uint32_t>(region.failed_1h));
    const LedgerCounts hour{region.ok_1h, region.failed_1h, 0};
    if (const auto success = hour.uptime()) line.set_success_1h(*success);
    if (region.last_result_at) *line.mutable_last_result_at() = wire::to_proto(*region.last_result_at);
  }
  return message;
}

v1::Result to_proto(const StoredResult& result) {
  return result_message(result.check, result.monitor_id, result.region, result.slot, result.worker_id);
}

v1::Latency to_proto(const Latency& latency, v1::Range range) {
  v1::Latency message;
  message.set_range(range);
  *message.mutable_start() = wire::to_proto(latency.start);
  *message.mutable_end() = wire::to_proto(latency.end);
  *message.mutable_bucket() = wire::to_proto(Microseconds{latency.bucket});
  for (const LatencySeries& series : latency.series) {
    v1::LatencySeries& line = *message.add_series();
    line.set_region(series.region);
    set_percentiles(line, series);
    for (const LatencyPoint& point : series.points) {
      v1::LatencyPoint& dot = *line.add_points();
      *dot.mutable_start() = wire::to_proto(point.start);
      set_percentiles(dot, point);
      dot.set_ok(static_cast<std::uint64_t>(point.ok));
      dot.set_failed(static_cast<std::uint64_t>(point.failed));
    }
  }
  return message;
}

v1::UptimeWindow to_proto(const UptimeWindow& window) {
  v1::UptimeWindow message;
  message.set_range(to_proto(window.range));
  set_counts(message, window.counts);
  return message;
}

v1::Ledger to_proto(const Ledger& ledger) {
  v1::Ledger message;
  message.set_expected(static_cast<std::uint64_t>(ledger.expected));
  set_counts(message, ledger.counts);
  set_percentiles(message, Percentiles(ledger.latency));
  return message;
}

v1::UptimeBar to_proto(const LedgerCounts& bar) {
  v1::UptimeBar message;
  message.set_ok(static_cast<std::uint32_t>(bar.ok));
  message.set_failed(static_cast<std::uint32_t>(bar.failed));
  message.set_missed(static_cast<std::uint32_t>(bar.missed));
  return message;
}

v1::GetPhasesResponse to_proto(const PhaseChart& chart) {
  v1::GetPhasesResponse message;
  *message.mutable_start() = wire::to_proto(chart.start);
  *message.mutable_end() = wire::to_proto(chart.end);
  *message.mutable_bucket() = wire::to_proto(Microseconds{chart.bucket});
  for (const PhasePoint& point : chart.points) {
    v1::PhasePoint& dot = *message.add_points();
    *dot.mutable_start() = wire::to_proto(point.start);
    *dot.mutable_dns() = wire::to_proto(point.mean.dns);
    *dot.mutable_connect() = wire::to_proto(point.mean.connect);
    *dot.mutable_tls() = wire::to_proto(point.mean.tls);
    *dot.mutable_wait() = wire::to_proto(point.mean.wait);
    *dot.mutable_download() = wire::to_proto(point.mean.download);
    dot.set_count(static_cast<std::uint32_t>(point.count));
  }
  return message;
}

std::optional<Range> range_of(v1::Range range) {
  switch (range) {
    case v1::RANGE_1H:
      return Range::k1h;
    case v1::RANGE_UNSPECIFIED:
    case v1::RANGE_24H:
      return Range::k24h;
    case v1::RANGE_7D:
      return Range::k7d;
    case v1::RANGE_30D:
      return Range::k30d;
    case v1::RANGE_90D:
      return Range::k90d;
    default:
      return std::nullopt;
  }
}

v1::Range to_proto(Range range) {
  switch (range) {
    case Range::k1h:
      return v1::RANGE_1H;
    case Range::k24h:
      return v1::RANGE_24H;
    case Range::k7d:
      return v1::RANGE_7D;
    case Range::k30d:
      return v1::RANGE_30D;
    case Range::k90d:
      return v1::RANGE_90D;
  }
  return v1::RANGE_UNSPECIFIED;
}

}  // namespace openseer::control
