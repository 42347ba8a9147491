#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "probe/http/fault.h"
#include "probe/net/transport.h"
#include "probe/tls/contexts.h"
#include "probe/tls/report.h"

namespace openseer::probe::tls {

// TLS over one connected socket, without blocking. Reads ahead, so that a record
// costs one system call, and gives its buffers back while it waits. Owned by the
// connection, which owns the socket as well; used on its loop.
class Session : public Transport {
 public:
  // `name` is what is verified and, unless it is an address, sent as SNI.
  Session(std::shared_ptr<Context> context, std::string name, int fd);
  ~Session() override;

  enum class Step { kDone, kBlocked, kFailed };
  // Goes on with the handshake as far as the socket allows.
  Step handshake();

  // Good once the handshake is over, however it ended.
  Report report() const;
  // Why the handshake failed; later, why reading did, when TLS knows more than that
  // the connection ended.
  const http::Fault& fault() const;

  Result read(std::span<char> to) override;
  Result write(std::string_view bytes) override;

  struct Impl;  // the library's callbacks know it

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace openseer::probe::tls
