#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace openseer::probe {

// A byte stream that never blocks: a socket, or TLS over one.
class Transport {
 public:
  enum class Status : std::uint8_t {
    kOk,
    kBlocked,  // nothing now: wait until the socket is ready
    kClosed,   // in order
    kReset,    // or TLS that ends without saying so; reading and writing are over
  };
  struct Result {
    Status status = Status::kOk;
    std::size_t bytes = 0;
  };

  virtual ~Transport() = default;
  virtual Result read(std::span<char> to) = 0;
  virtual Result write(std::string_view bytes) = 0;
};

}  // namespace openseer::probe
