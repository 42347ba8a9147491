// The whole exchange with a server that sends whatever it likes, in pieces of any
// size, and goes away when it likes.

#include "probe/http/exchange.h"

#include <algorithm>
#include <memory>
#include <string>

#include "fuzz/targets.h"
#include "probe/http/proxy.h"

namespace openseer::fuzz {
namespace {

using namespace probe::http;

constexpr ExchangeLimits kLimits{
    .header_bytes = 2'048, .wire_bytes = 20'000, .decoded_bytes = 50'000, .kept_bytes = 1'000};
// One piece of a decoder's output may go beyond the limit before it is seen.
constexpr std::uint64_t kPiece = 8 * 1024;
constexpr int kMaxExchanges = 4;

// The first byte of an input: how the exchange goes about.
struct Script {
  explicit Script(std::string_view& input) {
    const auto byte = static_cast<unsigned char>(input.empty() ? 0 : input[0]);
    input.remove_prefix(std::min<std::size_t>(1, input.size()));
    constexpr std::size_t kSteps[] = {1, 2, 3, 5, 16, 100, 1'000, 1'000'000};
    step = kSteps[byte & 7];
    method = (byte >> 3 & 3) == 0 ? "HEAD" : (byte >> 3 & 3) == 1 ? "POST" : "GET";
    reset = (byte & 32) != 0;
    stops_sending = (byte & 64) != 0;
    keeps_unsent = (byte & 128) != 0;
  }

  std::size_t step;
  std::string method;
  bool reset;
  bool stops_sending;
  bool keeps_unsent;  // the server reads nothing
};

Message message(const Script& script) {
  Message out{.method = script.method, .scheme = "http", .authority = "example.com", .path = "/"};
  if (script.method == "POST") out.body.assign(100, 'x');
  return out;
}

void check(const Exchange& exchange) {
  const Answer& answer = exchange.answer();
  promise(!(exchange.failed() && exchange.reusable()));
  promise(exchange.failed() == !exchange.fault().message.empty());
  promise(answer.body.size() <= kLimits.kept_bytes);
  promise(answer.decoded_bytes <= kLimits.decoded_bytes + kPiece || exchange.failed());
  promise(answer.decoded_bytes <= kLimits.decoded_bytes + kLimits.wire_bytes + kPiece);
  promise(exchange.stage() < Stage::kBody || answer.status >= 100);
}

void drain(Protocol& protocol, const Script& script) {
  if (script.stops_sending) protocol.stop_sending();
  if (script.keeps_unsent) {
    promise(protocol.output().size() <= 64 * 1024);
    return;
  }
  for (std::size_t total = 0; !protocol.output().empty();) {
    const std::size_t size = protocol.output().size();
    protocol.sent(std::min(size, script.step));
    promise((total += size) <= 10'000'000);
  }
}

std::unique_ptr<Exchange> converse(std::unique_ptr<Exchange> exchange, const Script& script,
                                   std::string_view bytes, int most) {
  exchange->begin(message(script), kLimits);
  drain(*exchange, script);
  for (int exchanges = 1; !bytes.empty() && !exchange->failed();) {
    const std::size_t size = std::min(script.step, bytes.size());
    exchange->receive(bytes.substr(0, size));
    bytes.remove_prefix(size);
    check(*exchange);
    drain(*exchange, script);
    if (exchange->done() && exchange->reusable() && exchanges++ < most) {
      exchange->begin(message(script), kLimits);
    }
  }
  exchange->end(script.reset ? End::kReset : End::kClosed);
  check(*exchange);
  promise(exchange->failed() || exchange->done() || exchange->stage() == Stage::kIdle);
  return exchange;
}

// What a proxy sends, in pieces; then its end.
void shake_hands(Protocol& proxy, const Script& script, std::string_view bytes) {
  drain(proxy, script);
  while (!bytes.empty() && !proxy.failed()) {
    const std::size_t size = std::min(script.step, bytes.size());
    proxy.receive(bytes.substr(0, size));
    bytes.remove_prefix(size);
    promise(!(proxy.failed() && proxy.done()));
    promise(!proxy.failed() || proxy.fault().reason == domain::Reason::kProxy);
    drain(proxy, script);
  }
  proxy.end(script.reset ? End::kReset : End::kClosed);
  promise(proxy.failed());
}

}  // namespace

// The pieces must not matter: an exchange comes to the same in any.
void http1(std::string_view input) {
  const Script script(input);
  const auto exchange = converse(make_http1(), script, input, 1);
  Script all_at_once = script;
  all_at_once.step = input.size() + 1;
  const auto other = converse(make_http1(), all_at_once, input, 1);
  promise(exchange->failed() == other->failed());
  if (!exchange->failed()) {
    promise(exchange->answer().status == other->answer().status);
    promise(exchange->answer().body == other->answer().body);
  }
  converse(make_http1(), script, input, kMaxExchanges);
}

void http2(std::string_view input) {
  const Script script(input);
  converse(make_http2(), script, input, kMaxExchanges);
}

void http_tunnel(std::string_view input) {
  const Script script(input);
  const auto proxy =
      make_http_tunnel(*parse_url("https://example.com/"), "OpenSeer", script.reset ? "Basic x" : "");
  shake_hands(*proxy, script, input);
}

void socks5(std::string_view input) {
  const Script script(input);
  const auto proxy =
      make_socks5(boost::asio::ip::make_address("192.0.2.1"), 80, script.reset ? "me" : "", "secret");
  shake_hands(*proxy, script, input);
}

}  // namespace openseer::fuzz
