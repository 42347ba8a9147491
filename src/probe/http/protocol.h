#pragma once

#include <string_view>

#include "probe/http/fault.h"

namespace openseer::probe::http {

// How the other side of a byte stream ended.
enum class End {
  kClosed,  // in order: FIN, and with TLS a close_notify before it
  kReset,   // RST, or a TLS stream that ends without close_notify
};

// One side of a conversation over a byte stream, without the stream: whoever owns
// the socket carries bytes to and fro. Pure: no I/O, no clock, no thread; used
// from one thread at a time. Never throws for what the peer sends.
//
// The driver's loop, for a proxy's handshake as for an exchange:
//
//   for (;;) {
//     if (p.failed() || p.done()) break;                  // look after every call below
//     if (const auto out = p.output(); !out.empty()) {    // write what the socket takes
//       p.sent(write_some(out));
//       continue;                                         // unless it would block
//     }
//     const auto got = read_some(buffer);                 // reading goes on while writing blocks
//     got.empty() ? p.end(how) : p.receive(got);
//   }
//
// When a write fails (EPIPE, ECONNRESET), call stop_sending() and go on reading:
// the answer may have come before the reset.
class Protocol {
 public:
  virtual ~Protocol() = default;
  Protocol(const Protocol&) = delete;
  Protocol& operator=(const Protocol&) = delete;

  // What is to be sent next; empty when there is nothing for now. Good until the
  // next call of a member that is not const.
  virtual std::string_view output() = 0;
  // That many bytes of output() have been sent.
  virtual void sent(std::size_t bytes) = 0;
  // Nothing can be sent any more.
  virtual void stop_sending() = 0;

  // All of `bytes` is taken; what cannot be used yet is copied, within the limits.
  virtual void receive(std::string_view bytes) = 0;
  // Nothing comes any more. Ends in done() or failed().
  virtual void end(End how) = 0;

  // The conversation is over, and well.
  virtual bool done() const = 0;
  bool failed() const { return static_cast<bool>(fault_); }
  const Fault& fault() const { return fault_; }

 protected:
  Protocol() = default;
  Fault fault_;
};

}  // namespace openseer::probe::http
