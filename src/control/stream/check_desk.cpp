#include "control/stream/check_desk.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "openseer/v1/worker_stream_service.pb.h"
#include "pg/error.h"
#include "pki/secret_box.h"
#include "store/check_orders.h"

namespace openseer::control {
namespace {

using std::chrono::steady_clock;

constexpr std::int16_t kGlobalRegionId = 1;
constexpr Seconds kGrace{5};  // on top of the check's time-out
// A notification may be lost with its connection; the row is not.
constexpr Seconds kLookAgain{1};
constexpr auto kOrderContext = "check-order";
constexpr auto kReportContext = "check-report";

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

struct CheckDesk::Impl : std::enable_shared_from_this<Impl> {
  struct Taker {
    std::int16_t region_id = 0;
    std::set<std::int64_t> orders;  // given and not reported
  };

  asio::any_io_executor executor;
  pg::Pool& pool;
  const pki::SecretBox& secrets;
  std::map<CheckTaker*, Taker> takers;
  CheckTaker* last_served = nullptr;
  std::map<std::int64_t, asio::steady_timer*> waiting;  // expire with a report

  Impl(asio::any_io_executor e, pg::Pool& p, const pki::SecretBox& s)
      : executor(std::move(e)), pool(p), secrets(s) {}

  // The border of a task that nobody waits for: the order then ends by its time-out.
  void spawn(asio::awaitable<void> task) {
    asio::co_spawn(executor, std::move(task), [](const std::exception_ptr& failure) {
      if (!failure) return;
      try {
        std::rethrow_exception(failure);
      } catch (const std::exception& error) {
        log::warning("a check that somebody waits for is interrupted", {{"error", error.what()}});
      }
    });
  }

  // The next one in turn that serves the region.
  CheckTaker* choose(std::int16_t region_id) {
    const auto serves = [region_id](const auto& entry) {
      return region_id == kGlobalRegionId || entry.second.region_id == region_id;
    };
    auto found = std::find_if(takers.upper_bound(last_served), takers.end(), serves);
    if (found == takers.end()) found = std::find_if(takers.begin(), takers.end(), serves);
    if (found == takers.end()) return nullptr;
    last_served = found->first;
    return found->first;
  }

  static asio::awaitable<void> serve(std::shared_ptr<Impl> self, std::int64_t order, std::int16_t region_id) {
    CheckTaker* const taker = self->choose(region_id);
    if (taker == nullptr) co_return;
    const std::int32_t worker_id = taker->worker_id();
    const std::optional<std::string> sealed = co_await store::claim_order(self->pool, order, worker_id);
    if (!sealed) co_return;  // another replica's worker has it
    v1::MonitorSpec spec;
    const bool readable = spec.ParseFromString(self->secrets.open(*sealed, kOrderContext));
    // It may have left while the row was claimed.
    const auto still_there = self->takers.find(taker);
    if (readable && still_there != self->takers.end() && taker->worker_id() == worker_id &&
        taker->take_order(order, std::move(spec))) {
      still_there->second.orders.insert(order);
      co_return;
    }
    std::vector<std::int64_t> orders{order};
    co_await store::release_orders(self->pool, worker_id, std::move(orders));
  }

  static asio::awaitable<void> look_around(std::shared_ptr<Impl> self) {
    if (self->takers.empty()) co_return;
    const std::vector<store::OpenOrder> orders = co_await store::open_orders(self->pool);
    for (const store::OpenOrder& order : orders) co_await serve(self, order.id, order.region_id);
  }

  static asio::awaitable<void> put(std::shared_ptr<Impl> self, std::int64_t order, std::int32_t worker_id,
                                   std::string sealed) {
    co_await store::put_report(self->pool, order, worker_id, std::move(sealed));
  }

  static asio::awaitable<void> release(std::shared_ptr<Impl> self, std::int32_t worker_id,
                                       std::vector<std::int64_t> orders) {
    co_await store::release_orders(self->pool, worker_id, std::move(orders));
  }

  // Until there is a report or the time is over.
  asio::awaitable<store::OrderState> wait(std::int64_t order, Monotonic deadline) {
    asio::steady_timer timer(executor);
    waiting[order] = &timer;
    struct Forget {
      Impl& desk;
      std::int64_t order;
      ~Forget() { desk.waiting.erase(order); }
    } const forget{*this, order};
    for (;;) {
      timer.expires_at(std::min(deadline, steady_clock::now() + kLookAgain));
      store::OrderState state = co_await store::order_state(pool, order);
      if (state.report_sealed || steady_clock::now() >= deadline) co_return state;
      boost::system::error_code woken;
      co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
  }
};

CheckDesk::CheckDesk(asio::any_io_executor executor, pg::Pool& pool, const pki::SecretBox& secrets)
    : impl_(std::make_shared<Impl>(std::move(executor), pool, secrets)) {}
CheckDesk::~CheckDesk() = default;

asio::awaitable<Result<v1::CheckReport>> CheckDesk::run(std::int64_t workspace_id, std::int16_t region_id,
                                                        const v1::MonitorSpec& spec, Milliseconds timeout) {
  const std::shared_ptr<Impl> impl = impl_;
  const Monotonic deadline = steady_clock::now() + timeout + kGrace;
  std::string sealed = impl->secrets.seal(spec.SerializeAsString(), kOrderContext);
  const std::optional<std::int64_t> order =
      co_await store::add_order(impl->pool, workspace_id, region_id, std::move(sealed));
  if (!order) {
    co_return Refusal{Code::kResourceExhausted,
                      "at most " + std::to_string(store::kOrdersPerMinute) +
                          " checks a minute can be run at once in a workspace; wait a little",
                      {}};
  }
  const store::OrderState state = co_await impl->wait(*order, deadline);
  co_await store::close_order(impl->pool, *order);
  v1::CheckReport report;
  if (state.report_sealed && report.ParseFromString(impl->secrets.open(*state.report_sealed, kReportContext)))
    co_return report;
  co_return Refusal{Code::kUnavailable,
                    state.claimed ? "the worker did not report in time"
                                  : "no worker of the region is connected that could run the check",
                    {}};
}

void CheckDesk::join(CheckTaker& taker, std::int16_t region_id) {
  impl_->takers[&taker] = {region_id, {}};
  impl_->spawn(Impl::look_around(impl_));
}

void CheckDesk::leave(CheckTaker& taker) {
  const auto found = impl_->takers.find(&taker);
  if (found == impl_->takers.end()) return;
  const std::set<std::int64_t> orders = std::move(found->second.orders);
  impl_->takers.erase(found);
  if (orders.empty()) return;
  impl_->spawn(Impl::release(impl_, taker.worker_id(), {orders.begin(), orders.end()}));
}

void CheckDesk::report(CheckTaker& taker, v1::CheckReport report) {
  const auto found = impl_->takers.find(&taker);
  if (found == impl_->takers.end() || found->second.orders.erase(report.order()) == 0) return;
  report.mutable_result()->set_worker_id(std::to_string(taker.worker_id()));
  std::string sealed = impl_->secrets.seal(report.SerializeAsString(), kReportContext);
  impl_->spawn(Impl::put(impl_, report.order(), taker.worker_id(), std::move(sealed)));
}

void CheckDesk::notify(std::string_view payload) {
  const std::size_t colon = payload.find(':');
  if (colon == std::string_view::npos) {
    impl_->spawn(Impl::look_around(impl_));
    return;
  }
  const std::string_view kind = payload.substr(0, colon);
  const std::string_view rest = payload.substr(colon + 1);
  if (kind == "report") {
    const std::optional<std::int64_t> order = number(rest);
    const auto waiter = order ? impl_->waiting.find(*order) : impl_->waiting.end();
    // Not cancel(): that is lost on one who is just looking.
    if (waiter != impl_->waiting.end()) waiter->second->expires_at(steady_clock::now());
    return;
  }
  const std::size_t second = std::min(rest.find(':'), rest.size());
  const std::optional<std::int64_t> order = number(rest.substr(0, second));
  const std::optional<std::int64_t> region = number(rest.substr(std::min(second + 1, rest.size())));
  if (order && region) impl_->spawn(Impl::serve(impl_, *order, static_cast<std::int16_t>(*region)));
}

}  // namespace openseer::control
