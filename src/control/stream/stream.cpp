#include "control/stream/stream.h"

#include <boost/asio/post.hpp>
#include <grpcpp/server_context.h>

namespace openseer::control {
namespace {

// Answers that wait for a slow reader before its next request is read.
constexpr std::size_t kMuchUnsent = 64;

}  // namespace

Stream::Stream(asio::any_io_executor executor, grpc::CallbackServerContext* context)
    : executor_(std::move(executor)), context_(context) {}

void Stream::listen(std::shared_ptr<StreamListener> listener) {
  const std::lock_guard lock(mutex_);
  self_ = shared_from_this();
  listener_ = std::move(listener);
  start_reading();
}

void Stream::start_reading() {
  read_wanted_ = false;
  incoming_.Clear();
  StartRead(&incoming_);
}

void Stream::read_next() {
  const std::lock_guard lock(mutex_);
  if (finished_) return;
  if (outgoing_.size() >= kMuchUnsent)
    read_wanted_ = true;
  else
    start_reading();
}

bool Stream::send(v1::ConnectResponse&& message) {
  const std::lock_guard lock(mutex_);
  if (finishing_ || broken_ || finished_) return false;
  outgoing_.push_back(std::move(message));
  advance();
  return true;
}

void Stream::finish(grpc::Status status, Queued queued) {
  const std::lock_guard lock(mutex_);
  if (finished_ || (finishing_ && queued == Queued::kSend)) return;
  if (!finishing_) status_ = std::move(status);
  finishing_ = true;
  discard_ = discard_ || queued == Queued::kDiscard;
  advance();
}

void Stream::cancel() {
  const std::lock_guard lock(mutex_);
  if (self_) context_->TryCancel();
}

// Starts what comes next: one write at a time, then the end.
void Stream::advance() {
  if (writing_ || finished_) return;
  if (!broken_ && !discard_ && !outgoing_.empty()) {
    writing_ = true;
    StartWrite(&outgoing_.front());
  } else if (finishing_ || broken_) {
    finished_ = true;
    Finish(finishing_ ? status_ : grpc::Status(grpc::StatusCode::CANCELLED, "the stream broke"));
  }
}

void Stream::OnReadDone(bool ok) {
  const auto keep = shared_from_this();
  const std::lock_guard lock(mutex_);
  if (ok) {
    asio::post(executor_, [listener = listener_, message = std::move(incoming_)]() mutable {
      listener->on_message(std::move(message));
    });
  } else {
    asio::post(executor_, [listener = listener_] { listener->on_half_closed(); });
  }
}

void Stream::OnWriteDone(bool ok) {
  const auto keep = shared_from_this();
  const std::lock_guard lock(mutex_);
  writing_ = false;
  if (ok)
    outgoing_.pop_front();
  else
    broken_ = true;
  advance();
  if (read_wanted_ && !finished_ && outgoing_.size() < kMuchUnsent) start_reading();
}

void Stream::OnCancel() {
  const auto keep = shared_from_this();
  const std::lock_guard lock(mutex_);
  broken_ = true;
  advance();
}

void Stream::OnDone() {
  std::shared_ptr<Stream> keep;
  const std::lock_guard lock(mutex_);
  keep = std::move(self_);
  std::vector<v1::ConnectResponse> unsent(std::make_move_iterator(outgoing_.begin()),
                                          std::make_move_iterator(outgoing_.end()));
  outgoing_.clear();
  asio::post(executor_, [listener = std::move(listener_), unsent = std::move(unsent)]() mutable {
    listener->on_closed(std::move(unsent));
  });
}

}  // namespace openseer::control
