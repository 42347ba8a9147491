#include "http/server.h"

#include <future>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include "live_server.h"

namespace openseer::http {
namespace {

using test::Client;
using test::get;
using test::LiveServer;
using test::post;

// What it was asked, as text.
asio::awaitable<Response> echo(Exchange& exchange) {
  const Request& request = exchange.request;
  if (request.path == "/throw") throw std::runtime_error("a handler's mistake");
  if (request.path == "/large") {
    co_return Response{.status = 200, .headers = {}, .body = std::string(3'000'000, 'x'), .static_body = {}};
  }
  Response response;
  response.body = request.method + " " + request.path + " " + request.body + (request.tls ? " tls" : "");
  co_return response;
}

Limits short_limits() {
  Limits limits;
  limits.header_time = limits.body_time = limits.idle_time = Milliseconds{100};
  return limits;
}

// A stream that sends "begun" and then waits until it is cancelled.
struct EndlessStream {
  std::promise<void> cancelled;

  static asio::awaitable<Response> answer(std::shared_ptr<EndlessStream> self, Exchange& exchange) {
    Headers headers;
    headers.set("Content-Type", "text/plain");
    const auto writer = co_await exchange.stream(200, std::move(headers));
    co_await writer->write("begun");
    asio::steady_timer forever(co_await asio::this_coro::executor, Monotonic::max());
    try {
      co_await forever.async_wait(asio::use_awaitable);
    } catch (const boost::system::system_error&) {
      self->cancelled.set_value();
    }
    co_return Response{};
  }
};

bool happens(std::future<void> event) {
  return event.wait_for(std::chrono::seconds(10)) == std::future_status::ready;
}

TEST(Server, AnswersManyRequestsOnOneConnection) {
  LiveServer server(echo);
  Client client(server.port());
  for (int i = 0; i < 3; ++i) {
    client.send(post("/a", "", "b"));
    const auto answer = client.answer();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "POST /a b");
    EXPECT_TRUE(answer.headers.contains("date"));
  }
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  LiveServer server(echo);
  Client client(server.port());
  client.send(get("/1") + post("/2", "", "two") + get("/3", "Connection: close\r\n"));
  EXPECT_EQ(client.answer().body, "GET /1 ");
  EXPECT_EQ(client.answer().body, "POST /2 two");
  const auto last = client.answer();
  EXPECT_EQ(last.body, "GET /3 ");
  EXPECT_EQ(last.headers.at("connection"), "close");
  EXPECT_TRUE(client.is_closed());
}

TEST(Server, HeadHasTheLengthButNotTheBody) {
  LiveServer server(echo);
  Client client(server.port());
  client.send("HEAD /large HTTP/1.1\r\nHost: h\r\n\r\n" + get("/next"));
  EXPECT_EQ(client.answer(true).headers.at("content-length"), "3000000");
  EXPECT_EQ(client.answer().body, "GET /next ");
}

TEST(Server, SendsLargeBodiesWhole) {
  LiveServer server(echo);
  Client client(server.port());
  client.send(get("/large"));
  EXPECT_EQ(client.answer().body, std::string(3'000'000, 'x'));
}

TEST(Server, SpeaksHttp10) {
  LiveServer server(echo);
  Client client(server.port());
  client.send("GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(client.answer().headers.at("connection"), "keep-alive");
  client.send("GET /old HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.answer().headers.at("connection"), "close");
  EXPECT_TRUE(client.is_closed());
}

TEST(Server, SendsContinueBeforeTheBody) {
  LiveServer server(echo);
  Client client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ok");
  EXPECT_EQ(client.answer().body, "POST / ok");
}

TEST(Server, RefusesAndClosesAfterABadRequest) {
  LiveServer server(echo);
  const std::pair<std::string, int> cases[] = {
      {"nonsense\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000\r\n\r\n", 413},
      {get("/", "X: " + std::string(20'000, 'x') + "\r\n"), 431},
      {"BREW / HTTP/1.1\r\nHost: h\r\n\r\n", 501},
      {get("/%00"), 400},
  };
  for (const auto& [request, status] : cases) {
    Client client(server.port());
    client.send(request);
    const auto answer = client.answer();
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(answer.headers.at("connection"), "close");
    EXPECT_EQ(answer.headers.at("x-content-type-options"), "nosniff");
    EXPECT_TRUE(client.is_closed());
  }
}

TEST(Server, AnswersARefusedUploadThatGoesOnSending) {
  LiveServer server(echo);
  Client client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000\r\n\r\n" + std::string(1'500'000, 'x'));
  EXPECT_EQ(client.answer().status, 413);
}

TEST(Server, AHandlersExceptionIsOneAnswerAndNotTheEnd) {
  LiveServer server(echo);
  Client client(server.port());
  client.send(get("/throw") + get("/next"));
  const auto answer = client.answer();
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body.find("mistake"), std::string::npos);
  EXPECT_EQ(client.answer().body, "GET /next ");
}

TEST(Server, ClosesSilentlyWhenTheHeaderComesTooSlowly) {
  LiveServer server(echo, short_limits());
  Client silent(server.port());
  Client slow(server.port());
  slow.send("GET / HTTP/1.1\r\nHo");
  EXPECT_EQ(slow.rest(), "");
  EXPECT_EQ(silent.rest(), "");
}

TEST(Server, ClosesSilentlyWhenTheBodyComesTooSlowly) {
  LiveServer server(echo, short_limits());
  Client client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_EQ(client.rest(), "");
}

TEST(Server, ClosesAConnectionThatStaysIdle) {
  LiveServer server(echo, short_limits());
  Client client(server.port());
  client.send(get("/"));
  EXPECT_EQ(client.answer().status, 200);
  EXPECT_TRUE(client.is_closed());
}

TEST(Server, ClosesWhenTheClientDoesNotRead) {
  Limits limits;
  limits.write_time = Milliseconds{200};
  std::promise<void> gone;
  LiveServer server(
      [&gone](Exchange& exchange) {
        return [](Exchange& e, std::promise<void>& signal) -> asio::awaitable<Response> {
          const auto writer = co_await e.stream(200, Headers{});
          const std::string piece(1'000'000, 'x');
          try {
            while (co_await writer->write(piece)) {
            }
          } catch (const boost::system::system_error&) {
          }
          signal.set_value();
          co_return Response{};
        }(exchange, gone);
      },
      limits);
  Client client(server.port());
  client.send(get("/"));
  EXPECT_TRUE(happens(gone.get_future()));
}

TEST(Server, AtTheCapTheIdleMakeRoomForTheNew) {
  Limits limits;
  limits.connections = 2;
  LiveServer server(echo, limits);
  Client first(server.port());
  first.send(get("/"));
  first.answer();
  Client second(server.port());
  second.send(get("/"));
  second.answer();
  Client third(server.port());
  third.send(get("/"));
  EXPECT_EQ(third.answer().status, 200);
  EXPECT_TRUE(first.is_closed());
  second.send(get("/"));
  EXPECT_EQ(second.answer().status, 200);
}

TEST(Server, CancelsTheHandlerOfAStreamWhenTheClientGoes) {
  const auto stream = std::make_shared<EndlessStream>();
  LiveServer server([stream](Exchange& exchange) { return EndlessStream::answer(stream, exchange); });
  Client client(server.port());
  client.send(get("/"));
  EXPECT_NE(client.read_until("5\r\nbegun\r\n").find("Transfer-Encoding: chunked"), std::string::npos);
  client.close();
  EXPECT_TRUE(happens(stream->cancelled.get_future()));
}

TEST(Server, DrainEndsStreamsCompletely) {
  const auto stream = std::make_shared<EndlessStream>();
  LiveServer server([stream](Exchange& exchange) { return EndlessStream::answer(stream, exchange); });
  Client client(server.port());
  client.send(get("/"));
  client.read_until("begun\r\n");
  server.drain(Milliseconds{10'000});
  EXPECT_TRUE(happens(stream->cancelled.get_future()));
  EXPECT_EQ(client.rest(), "0\r\n\r\n");
}

TEST(Server, DrainLetsRequestsFinishAndClosesTheIdle) {
  std::promise<void> begun;
  std::promise<asio::steady_timer*> release;
  LiveServer server([&](Exchange& exchange) {
    return [](Exchange& e, std::promise<void>& started,
              std::promise<asio::steady_timer*>& out) -> asio::awaitable<Response> {
      if (e.request.path == "/wait") {
        asio::steady_timer gate(co_await asio::this_coro::executor, Monotonic::max());
        out.set_value(&gate);
        started.set_value();
        boost::system::error_code opened;
        co_await gate.async_wait(asio::redirect_error(asio::use_awaitable, opened));
      }
      co_return Response{.status = 200, .headers = {}, .body = "finished", .static_body = {}};
    }(exchange, begun, release);
  });
  Client idle(server.port());
  idle.send(get("/"));
  idle.answer();
  Client busy(server.port());
  busy.send(get("/wait"));
  ASSERT_TRUE(happens(begun.get_future()));
  auto drained = std::async(std::launch::async, [&] { server.drain(Milliseconds{10'000}); });
  EXPECT_TRUE(idle.is_closed());
  asio::steady_timer* gate = release.get_future().get();
  asio::post(server.executor(), [gate] { gate->cancel(); });
  const auto answer = busy.answer();
  EXPECT_EQ(answer.body, "finished");
  EXPECT_EQ(answer.headers.at("connection"), "close");
  drained.get();
  EXPECT_THROW(Client{server.port()}, boost::system::system_error);
}

TEST(Server, DrainCutsOffWhatOutlivesTheGrace) {
  std::promise<void> begun;
  LiveServer server([&begun](Exchange&) {
    return [](std::promise<void>& started) -> asio::awaitable<Response> {
      asio::steady_timer forever(co_await asio::this_coro::executor, Monotonic::max());
      started.set_value();
      co_await forever.async_wait(asio::use_awaitable);
      co_return Response{};
    }(begun);
  });
  Client client(server.port());
  client.send(get("/"));
  ASSERT_TRUE(happens(begun.get_future()));
  server.drain(Milliseconds{50});
  EXPECT_EQ(client.rest(), "");
}

TEST(Server, SpeaksTlsWithAlpn) {
  const auto certificates = test::make_certificates();
  LiveServer server(echo, {}, certificates.server);
  Client client(server.port(), certificates.ca_pem, "\x02h2\x08http/1.1");
  EXPECT_EQ(client.alpn(), "http/1.1");
  client.send(get("/large") + post("/a", "", "b"));
  EXPECT_EQ(client.answer().body.size(), 3'000'000u);
  EXPECT_EQ(client.answer().body, "POST /a b tls");
  client.send(get("/", "Connection: close\r\n"));
  EXPECT_EQ(client.answer().status, 200);
  EXPECT_TRUE(client.is_closed());
}

TEST(Server, RefusesOldTlsAndOtherProtocols) {
  const auto certificates = test::make_certificates();
  LiveServer server(echo, {}, certificates.server);
  EXPECT_THROW(Client(server.port(), certificates.ca_pem, "\x08http/1.1", TLS1_1_VERSION),
               boost::system::system_error);
  EXPECT_THROW(Client(server.port(), certificates.ca_pem, "\x02h2"), boost::system::system_error);
}

TEST(Server, CancelsAStreamOverTlsWhenTheClientGoes) {
  const auto certificates = test::make_certificates();
  const auto stream = std::make_shared<EndlessStream>();
  LiveServer server([stream](Exchange& exchange) { return EndlessStream::answer(stream, exchange); }, {},
                    certificates.server);
  Client client(server.port(), certificates.ca_pem);
  client.send(get("/"));
  client.read_until("begun\r\n");
  client.close();
  EXPECT_TRUE(happens(stream->cancelled.get_future()));
}

TEST(Server, SaysWhyItCannotListen) {
  asio::io_context io;
  Server first(io.get_executor(), echo);
  const auto port = first.listen("127.0.0.1", 0);
  Server second(io.get_executor(), echo);
  try {
    second.listen("127.0.0.1", port);
    FAIL() << "the port was taken";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), std::errc::address_in_use);
  }
  EXPECT_THROW(second.listen("not-an-address", 0), std::system_error);
  EXPECT_THROW(second.listen("127.0.0.1", 0, TlsIdentity{"no certificate", "no key"}), std::system_error);
}

TEST(Headers, RefuseLineBreaks) {
  Headers headers;
  EXPECT_THROW(headers.set("Location", "/\r\nSet-Cookie: a=b"), std::invalid_argument);
  EXPECT_THROW(headers.add("X\n", "y"), std::invalid_argument);
}

}  // namespace
}  // namespace openseer::http
