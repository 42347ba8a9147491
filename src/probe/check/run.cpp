#include "probe/check/run.h"

#include <algorithm>

#include <sys/random.h>

#include <boost/asio/post.hpp>

#include "probe/net/address.h"

namespace openseer::probe {

using std::chrono::steady_clock;

Run::Run(Loop& loop, std::shared_ptr<const domain::MonitorSpec> spec, Done done)
    : loop_(loop),
      spec_(std::move(spec)),
      done_(std::move(done)),
      started_(steady_clock::now()),
      deadline_(loop.timers, [this] { on_deadline(); }),
      wake_(loop.timers,
            [this] {
              const auto self = shared_from_this();
              const Monotonic now = steady_clock::now();
              check_.on_time(now);
              drive(now);
            }),
      check_(*spec_, loop.options, *this, started_) {}

Run::~Run() = default;

void Run::start() {
  deadline_.start(started_ + std::max(spec_->timeout, Milliseconds{1}));
  later(&Run::begin);
}

void Run::later(Step step) {
  boost::asio::post(loop_.context, [weak = weak_from_this(), step] {
    if (const auto self = weak.lock(); self && self->done_) (*self.*step)(steady_clock::now());
  });
}

void Run::begin(Monotonic now) {
  check_.start(now, std::chrono::floor<Microseconds>(std::chrono::system_clock::now()));
  drive(now);
}

// Goes on until something has to be waited for.
void Run::drive(Monotonic now) {
  while (!check_.over()) {
    Connection* const connection = current_.get();
    if (connection == nullptr) return;
    if (securing_) {
      if (!handshake()) return;
      continue;
    }
    http::Protocol* const conversation = check_.conversation();
    if (conversation == nullptr) return;
    const bool waits = connection->pump(conversation, loop_.buffer, [&]() -> http::Protocol* {
      check_.on_progress(now = steady_clock::now());
      return current_.get() == connection && !securing_ ? check_.conversation() : nullptr;
    });
    if (!waits) return later(&Run::drive);  // others have their turn
    if (current_.get() == connection && check_.conversation() != nullptr) return;
  }
  finish();
}

// False while it waits for the other side.
bool Run::handshake() {
  const tls::Session::Step step = current_->tls->handshake();
  if (step == tls::Session::Step::kBlocked) return false;
  securing_ = false;
  current_->readable = true;  // perhaps read ahead
  const tls::Report report = current_->tls->report();
  const Monotonic now = steady_clock::now();
  if (step == tls::Session::Step::kDone) {
    check_.on_secured(report, now);
  } else {
    check_.on_tls_failed(current_->tls->fault(), report, now);
  }
  return true;
}

void Run::on_ready(Connection& connection) {
  const auto self = shared_from_this();
  const Monotonic now = steady_clock::now();
  if (&connection != current_.get()) {
    if (!connection.writable) return;
    const int error = connection.broken ? connection.socket.outcome() : 0;
    const std::size_t id = connection.id;
    if (error == 0) {
      check_.on_connected(id, now);
    } else {
      std::erase_if(attempts_, [&](const auto& one) { return one.get() == &connection; });
      check_.on_connect_failed(id, error, now);
    }
  }
  drive(now);
}

void Run::on_deadline() {
  const auto self = shared_from_this();
  check_.on_deadline(steady_clock::now());
  finish();
}

void Run::finish() {
  if (!done_) return;
  deadline_.cancel();
  wake_.cancel();
  tickets_ = {};
  attempts_.clear();
  current_.reset();
  // The owner lets go of this run here; whoever called holds it a little longer.
  const Done done = std::exchange(done_, nullptr);
  done(*this, check_.take_measurement());
}

std::optional<dns::Answer> Run::resolve(const dns::Question& question) {
  if (auto known = loop_.resolver.known(question, steady_clock::now())) return known;
  tickets_[static_cast<std::size_t>(question.family)] =
      loop_.resolver.ask(question, [this, family = question.family](const dns::Answer& answer) {
        const auto self = shared_from_this();
        const Monotonic now = steady_clock::now();
        check_.on_resolved(family, answer, now);
        drive(now);
      });
  return std::nullopt;
}

int Run::connect(std::size_t id, const boost::asio::ip::address& address, std::uint16_t port) {
  auto attempt = std::make_unique<Connection>(loop_.poller, static_cast<Connection::Owner&>(*this), id);
  const int error = attempt->connect(address, port);
  if (error == 0) attempts_.push_back(std::move(attempt));
  return error;
}

void Run::use(std::size_t id) {
  const auto found = std::ranges::find(attempts_, id, [](const auto& one) { return one->id; });
  current_ = std::move(*found);
  attempts_.clear();
  wake_.cancel();
}

http::Fault Run::secure(const domain::TlsSettings& settings, tls::Offer offer, std::string name) {
  tls::Contexts::Found found = loop_.contexts.get(settings, offer, steady_clock::now());
  if (found.context == nullptr) return std::move(found.fault);
  current_->socket.send_at_once();  // a handshake writes more than once
  current_->tls =
      std::make_unique<tls::Session>(std::move(found.context), std::move(name), current_->socket.fd());
  securing_ = true;
  return {};
}

http::Exchange* Run::take_kept(std::string& remote_address, tls::Report& report) {
  if (pool_key_.empty()) pool_key_ = pool_key();
  // A safe request that meets a connection which is just being closed is sent again.
  const bool safe = spec_->method == "GET" || spec_->method == "HEAD" || spec_->method == "OPTIONS";
  current_ = loop_.pool.take(pool_key_, !safe);
  if (current_ == nullptr) return nullptr;
  current_->change_owner(*this);
  remote_address = text_of(current_->address);
  if (current_->tls) report = current_->tls->report();
  return current_->exchange.get();
}

http::Exchange* Run::make_exchange(bool http2) {
  current_->exchange = http2 ? http::make_http2() : http::make_http1();
  return current_->exchange.get();
}

void Run::release(bool may_be_kept) {
  tickets_ = {};
  attempts_.clear();
  wake_.cancel();
  securing_ = false;
  if (may_be_kept && current_) loop_.pool.keep(std::move(pool_key_), std::move(current_));
  current_.reset();
}

http::Fault Run::tls_fault() const {
  return current_ && current_->tls ? current_->tls->fault() : http::Fault{};
}

// Everything that makes one connection another.
std::string Run::pool_key() const {
  const domain::MonitorSpec& s = *spec_;
  std::string key;
  key.reserve(128);
  key = s.url.substr(0, s.url.find_first_of("/?#", 8));
  key += {'|', static_cast<char>('0' + static_cast<int>(s.http)),
          static_cast<char>('0' + static_cast<int>(s.ip_family)),
          static_cast<char>('0' + static_cast<int>(s.tls.minimum)), s.tls.skip_verification ? 'n' : 'y'};
  for (const std::string* part :
       {&s.proxy.url, &s.proxy.username, &s.proxy.password, &s.connect_address, &s.dns_server,
        &s.tls.server_name, &s.tls.ca_pem, &s.tls.client_certificate_pem, &s.tls.client_key_pem}) {
    key += '|';
    key += *part;
  }
  return key;
}

std::string Run::token_key() const {
  const domain::Authentication& a = spec_->authentication;
  std::string key;
  for (const std::string* part : {&a.token_url, &a.client_id, &a.client_secret, &a.scope, &a.audience}) {
    key += *part;
    key += '\n';
  }
  return key;
}

std::optional<std::string> Run::token() { return loop_.tokens.find(token_key(), steady_clock::now()); }

void Run::keep_token(const http::OauthToken& token) {
  loop_.tokens.keep(token_key(), token.value, token.lifetime, steady_clock::now());
}

std::string Run::nonce() {
  std::array<unsigned char, 16> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) throw std::bad_alloc();
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) text += {kDigits[byte >> 4], kDigits[byte & 15]};
  return text;
}

}  // namespace openseer::probe
