#pragma once

#include <memory>
#include <string>

#include "probe/http/exchange.h"
#include "probe/loop/poller.h"
#include "probe/net/socket.h"
#include "probe/tls/session.h"

namespace openseer::probe {

// A connection, or the attempt at one: the socket, what runs over it, and who is
// told when it is ready. Owned by a Run, later perhaps by the Pool.
class Connection final : public Poller::Watcher {
 public:
  class Owner {
   public:
    // May destroy the connection.
    virtual void on_ready(Connection& connection) = 0;

   protected:
    ~Owner() = default;
  };

  Connection(Poller& poller, Owner& owner, std::size_t id) : id(id), poller_(poller), owner_(&owner) {}
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // errno; 0: under way.
  int connect(const boost::asio::ip::address& to, std::uint16_t port);
  void change_owner(Owner& owner) { owner_ = &owner; }

  Transport& transport() { return tls ? static_cast<Transport&>(*tls) : socket; }
  void on_ready(std::uint32_t events) override;

  // Carries bytes between the transport and `conversation` until one of them waits,
  // or kBudget bytes have come; false in the latter case. `progress` runs after each
  // step and says which conversation goes on; null: none.
  template <class Progress>
  bool pump(http::Protocol* conversation, std::span<char> buffer, Progress progress);

  const std::size_t id;
  boost::asio::ip::address address;
  Socket socket;
  std::unique_ptr<tls::Session> tls;
  std::unique_ptr<http::Exchange> exchange;
  bool readable = false;  // as far as is known: edges are told once
  bool writable = false;
  bool broken = false;  // the kernel has an error to tell

 private:
  static constexpr std::size_t kBudget = 512 * 1024;

  Poller& poller_;
  Owner* owner_;
};

template <class Progress>
bool Connection::pump(http::Protocol* conversation, std::span<char> buffer, Progress progress) {
  std::size_t budget = kBudget;
  while (conversation != nullptr) {
    const std::string_view out = writable ? conversation->output() : std::string_view();
    if (!out.empty()) {
      const Transport::Result sent = transport().write(out);
      if (sent.status == Transport::Status::kOk) {
        conversation->sent(sent.bytes);
      } else {
        writable = false;
        if (sent.status == Transport::Status::kBlocked) continue;
        conversation->stop_sending();
      }
    } else {
      if (!readable) return true;
      const Transport::Result got = transport().read(buffer);
      if (got.status == Transport::Status::kBlocked) {
        readable = false;
        return true;
      }
      if (got.status == Transport::Status::kOk) {
        conversation->receive({buffer.data(), got.bytes});
        budget -= std::min(budget, got.bytes);
      } else {
        readable = false;
        conversation->end(got.status == Transport::Status::kClosed ? http::End::kClosed : http::End::kReset);
      }
    }
    conversation = progress();
    if (budget == 0) return false;
  }
  return true;
}

}  // namespace openseer::probe
