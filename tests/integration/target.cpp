#include "integration/target.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "integration/wait.h"

namespace openseer::test {
namespace asio = boost::asio;
using asio::ip::tcp;

Target::Target()
    : acceptor_(context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      released_(context_, Monotonic::max()) {
  asio::co_spawn(context_, accept(), asio::detached);
  thread_ = std::thread([this] { context_.run(); });
}

Target::~Target() {
  context_.stop();
  thread_.join();
}

std::string Target::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + path;
}

void Target::answer(const std::string& path, Answer answer) {
  const std::scoped_lock lock(mutex_);
  answers_[path] = std::move(answer);
}

void Target::release() {
  {
    const std::scoped_lock lock(mutex_);
    for (auto& [path, answer] : answers_) answer.hang = false;
  }
  asio::post(context_, [this] { released_.cancel(); });
}

std::int64_t Target::requests(const std::string& path) const {
  const std::scoped_lock lock(mutex_);
  const auto found = requests_.find(path);
  return found == requests_.end() ? 0 : found->second;
}

bool Target::wait_for_requests(const std::string& path, std::int64_t count, Milliseconds limit) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, scaled(limit), [&] {
    const auto found = requests_.find(path);
    return found != requests_.end() && found->second >= count;
  });
}

asio::awaitable<void> Target::accept() {
  while (true) {
    tcp::socket socket = co_await acceptor_.async_accept(asio::use_awaitable);
    asio::co_spawn(context_, serve(std::move(socket)), asio::detached);
  }
}

asio::awaitable<void> Target::serve(tcp::socket socket) {
  boost::system::error_code error;
  std::string head;
  const auto buffer = asio::dynamic_buffer(head, 65'536);
  co_await asio::async_read_until(socket, buffer, "\r\n\r\n",
                                  asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return;
  const std::size_t begin = head.find(' ') + 1;
  std::string path = head.substr(begin, head.find(' ', begin) - begin);
  const Answer answer = co_await decide(std::move(path));
  const std::string response =
      "HTTP/1.1 " + std::to_string(answer.status) +
      " As Told\r\nConnection: close\r\nContent-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n" +
      answer.body;
  co_await asio::async_write(socket, asio::buffer(response),
                             asio::redirect_error(asio::use_awaitable, error));
}

asio::awaitable<Target::Answer> Target::decide(std::string path) {
  Answer answer;
  {
    const std::scoped_lock lock(mutex_);
    ++requests_[path];
    const auto found = answers_.find(path);
    if (found != answers_.end()) answer = found->second;
  }
  changed_.notify_all();
  if (answer.hang) {
    boost::system::error_code ignored;
    co_await released_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_return answer;
}

}  // namespace openseer::test
