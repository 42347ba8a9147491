#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "openseer/v1/worker_stream_service.pb.h"
#include "worker/state_directory.h"

namespace openseer::worker {

// How a stream ended.
enum class Ending {
  kClosed,    // in order
  kLost,      // worth another try
  kRevoked,   // this identity will never be served again
  kRejected,  // the control plane does not understand this worker, or will not have it now
};

// One stream to a control plane over a connection of its own, with mutual TLS.
// Only moves messages: gRPC's threads post to the executor. Owned by the
// connector; every method and handler runs on the executor.
class Session {
 public:
  struct Handlers {
    std::function<void(v1::ConnectResponse)> message;
    // The last call.
    std::function<void(Ending, std::string reason)> ended;
  };

  // `address` as "host:port" or "[v6]:port"; connects at once.
  Session(boost::asio::any_io_executor executor, const std::string& address, const Identity& identity,
          Handlers handlers);
  // Cuts a stream that has not ended; its handlers are not called any more.
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void send(v1::ConnectRequest message);
  // Sends what is left, then says that no more will come.
  void close();
  // Ends the stream now; `ended` follows.
  void cancel();

 private:
  class Call;
  std::unique_ptr<Call> call_;
};

}  // namespace openseer::worker
