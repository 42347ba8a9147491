#include "probe/http/proxy.h"

#include <algorithm>
#include <utility>

#include "probe/http/exchange.h"

namespace openseer::probe::http {
namespace {

using domain::Reason;

// CONNECT is an exchange without a body whose answer must be 2xx.
class HttpTunnel final : public Protocol {
 public:
  HttpTunnel(const Url& target, std::string_view user_agent, std::string_view authorization)
      : authorized_(!authorization.empty()), exchange_(make_http1()) {
    Message message;
    message.method = "CONNECT";
    message.path = message.authority = target.host_and_port();
    if (!user_agent.empty()) message.headers.push_back({"User-Agent", std::string(user_agent)});
    if (authorized_) message.headers.push_back({"Proxy-Authorization", std::string(authorization)});
    ExchangeLimits limits;
    limits.header_bytes = 16 * 1024;
    exchange_->begin(std::move(message), limits);
  }

  std::string_view output() override { return exchange_->output(); }
  void sent(std::size_t bytes) override { exchange_->sent(bytes); }
  void stop_sending() override { exchange_->stop_sending(); }
  void receive(std::string_view bytes) override {
    if (done()) return fail("the proxy sent bytes before the tunnel was used");
    exchange_->receive(bytes);
    look();
  }
  void end(End how) override {
    if (done()) return fail("the proxy closed the tunnel at once");
    exchange_->end(how);
    look();
  }
  bool done() const override { return !failed() && exchange_->done(); }

 private:
  void look() {
    if (exchange_->failed()) return fail("the proxy's answer to CONNECT: " + exchange_->fault().message);
    if (!exchange_->done()) return;
    const int status = exchange_->answer().status;
    if (status / 100 == 2) return;
    if (status == 407) {
      fail(authorized_ ? "the proxy refuses the user name or password (407)"
                       : "the proxy asks for a user name and password (407)");
    } else {
      fail("the proxy refused to connect to the target: it answered " + std::to_string(status));
    }
  }
  void fail(std::string message) {
    if (!fault_) fault_ = {Reason::kProxy, std::move(message)};
  }

  const bool authorized_;
  std::unique_ptr<Exchange> exchange_;
};

std::string_view socks_error(unsigned char code) {
  switch (code) {
    case 1:
      return "it failed in general";
    case 2:
      return "its rules do not allow it";
    case 3:
      return "the target's network is unreachable";
    case 4:
      return "the target is unreachable";
    case 5:
      return "the target refused the connection";
    case 6:
      return "the target did not answer in time";
    case 7:
      return "it does not know how to connect";
    case 8:
      return "it does not know this kind of address";
    default:
      return "it gave a code that is not known";
  }
}

class Socks5 final : public Protocol {
 public:
  Socks5(const boost::asio::ip::address& address, std::uint16_t port, std::string_view username,
         std::string_view password)
      : address_(address), port_(port), username_(username), password_(password) {
    if (username_.size() > 255 || password_.size() > 255) {
      fail("a SOCKS user name or password has at most 255 bytes");
    }
    // Version 5, the methods: none, and user name and password.
    out_ = username_.empty() ? std::string("\x05\x01\x00", 3) : std::string("\x05\x02\x00\x02", 4);
  }

  std::string_view output() override { return failed() ? std::string_view() : out_; }
  void sent(std::size_t bytes) override { out_.erase(0, bytes); }
  void stop_sending() override { out_.clear(); }

  void receive(std::string_view bytes) override {
    while (!bytes.empty() && !failed()) {
      if (state_ == State::kDone) return fail("the proxy sent bytes before the tunnel was used");
      const std::size_t taken = std::min(bytes.size(), wanted_ - in_.size());
      in_ += bytes.substr(0, taken);
      bytes.remove_prefix(taken);
      if (in_.size() == wanted_) step();
    }
  }

  void end(End how) override {
    fail(how == End::kReset ? "the connection to the proxy was reset during the SOCKS handshake"
                            : "the proxy closed the connection during the SOCKS handshake");
  }

  bool done() const override { return !failed() && state_ == State::kDone; }

 private:
  enum class State { kMethod, kCredentials, kReply, kRest, kDone };

  unsigned char byte(std::size_t at) const { return static_cast<unsigned char>(in_[at]); }

  void expect(State state, std::size_t wanted) {
    state_ = state;
    wanted_ = wanted;
    in_.clear();
  }

  void step() {
    switch (state_) {
      case State::kMethod:
        return on_method();
      case State::kCredentials:
        return on_credentials();
      case State::kReply:
        return on_reply();
      case State::kRest:
        return expect(State::kDone, 0);
      case State::kDone:
        return;
    }
  }

  void on_method() {
    if (byte(0) != 5) return fail("the proxy does not speak SOCKS5");
    if (byte(1) == 0) return ask();
    if (byte(1) != 2 || username_.empty()) {
      return fail(username_.empty() ? "the proxy asks for a user name and password"
                                    : "the proxy accepts neither a user name and password nor none");
    }
    out_ = '\x01';
    ((out_ += static_cast<char>(username_.size())) += username_) += static_cast<char>(password_.size());
    out_ += password_;
    expect(State::kCredentials, 2);
  }

  void on_credentials() {
    if (byte(1) != 0) return fail("the proxy refuses the user name or password");
    ask();
  }

  void ask() {
    out_ = std::string("\x05\x01\x00", 3);
    const auto append = [&](char type, const auto& bytes) {
      (out_ += type).append(bytes.begin(), bytes.end());
    };
    if (address_.is_v4()) {
      append('\x01', address_.to_v4().to_bytes());
    } else {
      append('\x04', address_.to_v6().to_bytes());
    }
    (out_ += static_cast<char>(port_ >> 8)) += static_cast<char>(port_ & 255);
    expect(State::kReply, 5);
  }

  // The bound address that follows is of no use, and of a length its type tells.
  void on_reply() {
    if (byte(0) != 5) return fail("the proxy's answer is not SOCKS5");
    if (byte(1) != 0) {
      return fail("the proxy could not connect to the target: " + std::string(socks_error(byte(1))));
    }
    switch (byte(3)) {
      case 1:
        return expect(State::kRest, 3 + 2);
      case 3:
        return expect(State::kRest, byte(4) + std::size_t{2});
      case 4:
        return expect(State::kRest, 15 + 2);
      default:
        return fail("the proxy's answer has an address of an unknown kind");
    }
  }

  void fail(std::string message) {
    if (!fault_) fault_ = {Reason::kProxy, std::move(message)};
  }

  const boost::asio::ip::address address_;
  const std::uint16_t port_;
  const std::string username_;
  const std::string password_;
  State state_ = State::kMethod;
  std::size_t wanted_ = 2;
  std::string out_;
  std::string in_;
};

}  // namespace

std::unique_ptr<Protocol> make_http_tunnel(const Url& target, std::string_view user_agent,
                                           std::string_view authorization) {
  return std::make_unique<HttpTunnel>(target, user_agent, authorization);
}

std::unique_ptr<Protocol> make_socks5(const boost::asio::ip::address& address, std::uint16_t port,
                                      std::string_view username, std::string_view password) {
  return std::make_unique<Socks5>(address, port, username, password);
}

}  // namespace openseer::probe::http
