#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <grpcpp/support/server_callback.h>

#include "openseer/v1/worker_stream_service.pb.h"

namespace openseer::control {

namespace asio = boost::asio;

// What a stream tells; called on the executor, one at a time. on_closed is last.
class StreamListener {
 public:
  virtual ~StreamListener() = default;
  virtual void on_message(v1::ConnectRequest message) = 0;
  // The worker will send no more, or is gone.
  virtual void on_half_closed() = 0;
  // `unsent`: what send() took and the wire did not.
  virtual void on_closed(std::vector<v1::ConnectResponse> unsent) = 0;
};

// One worker's call, which only moves messages: gRPC's threads call On...(),
// they post to the executor. Its own methods are safe from any thread. Lives
// until gRPC is done with it.
class Stream final : public grpc::ServerBidiReactor<v1::ConnectRequest, v1::ConnectResponse>,
                     public std::enable_shared_from_this<Stream> {
 public:
  enum class Queued { kSend, kDiscard };

  Stream(asio::any_io_executor executor, grpc::CallbackServerContext* context);

  // Starts to report to `listener`, which it keeps until on_closed.
  void listen(std::shared_ptr<StreamListener> listener);
  // Asks for the next message; nothing is read before, which is what holds a
  // worker back. With much unsent the reading waits until it has gone.
  void read_next();
  // False when the stream is closing; `message` is then left as it was.
  bool send(v1::ConnectResponse&& message);
  // Ends the call; what is queued goes first or is given to on_closed.
  void finish(grpc::Status status, Queued queued);
  // For a peer that does not even read the end.
  void cancel();

 private:
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;
  void advance();
  void start_reading();

  const asio::any_io_executor executor_;
  grpc::CallbackServerContext* const context_;
  // Recursive: gRPC may run a reaction inside the call that started the operation.
  std::recursive_mutex mutex_;
  std::shared_ptr<Stream> self_;
  std::shared_ptr<StreamListener> listener_;
  v1::ConnectRequest incoming_;
  std::deque<v1::ConnectResponse> outgoing_;
  grpc::Status status_;
  bool read_wanted_ = false;
  bool writing_ = false;
  bool broken_ = false;
  bool finishing_ = false;
  bool discard_ = false;
  bool finished_ = false;
};

}  // namespace openseer::control
