// The floor: connect, GET, read, close, as fast as one epoll thread can, with
// nothing measured, judged or kept.
// usage: bench_bare_client PORT COUNT [close | keep | tls CA_FILE]
//   close  a new connection for each request (the default)
//   keep   64 connections, used again and again
//   tls    a new connection and a full handshake with full verification for each
// Prints requests per second of wall time and the CPU time of each.
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace {

constexpr int kAtOnce = 64;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

SSL_CTX* make_context(const char* authorities) {
  SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
  if (SSL_CTX_load_verify_locations(context, authorities, nullptr) != 1) std::exit(2);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set1_curves_list(context, "X25519:P-256");
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_read_ahead(context, 1);
  return context;
}

struct Client {
  int fd = -1;
  SSL* ssl = nullptr;
  bool asked = false;
};

class Bench {
 public:
  Bench(int port, int total, std::string_view mode, SSL_CTX* tls)
      : total_(total), keep_(mode == "keep"), tls_(tls) {
    address_.sin_family = AF_INET;
    address_.sin_port = htons(static_cast<std::uint16_t>(port));
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    request_ = std::string("GET /") + (keep_ ? "keep" : "") + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  }

  bool run() {
    while (started_ < kAtOnce && started_ < total_) start();
    std::array<epoll_event, 128> ready{};
    while (done_ < total_) {
      const int count = epoll_wait(poller_, ready.data(), static_cast<int>(ready.size()), 5'000);
      if (count <= 0) return false;
      for (int i = 0; i < count; ++i) {
        if (!step(*static_cast<Client*>(ready[static_cast<std::size_t>(i)].data.ptr))) return false;
      }
    }
    return true;
  }

 private:
  void start() {
    auto* const client = new Client;
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    connect(client->fd, reinterpret_cast<sockaddr*>(&address_), sizeof address_);
    if (tls_ != nullptr) {
      client->ssl = SSL_new(tls_);
      SSL_set_fd(client->ssl, client->fd);
      SSL_set_tlsext_host_name(client->ssl, "localhost");
      SSL_set1_host(client->ssl, "localhost");
      SSL_set_connect_state(client->ssl);
    }
    wait(*client, EPOLL_CTL_ADD, EPOLLOUT);
    ++started_;
  }

  void wait(Client& client, int operation, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = &client;
    epoll_ctl(poller_, operation, client.fd, &event);
  }

  bool ask(Client& client) {
    client.asked = true;
    return write(client.fd, request_.data(), request_.size()) > 0;
  }

  bool step(Client& client) {
    if (client.ssl != nullptr) return step_tls(client);
    if (!client.asked) {
      if (!ask(client)) return false;
      wait(client, EPOLL_CTL_MOD, EPOLLIN);
      return true;
    }
    if (read(client.fd, buffer_.data(), buffer_.size()) <= 0) return false;
    ++done_;
    if (keep_ && started_ < total_) {
      ++started_;
      return ask(client);
    }
    end(client);
    return true;
  }

  bool step_tls(Client& client) {
    if (!client.asked) {
      const int result = SSL_do_handshake(client.ssl);
      if (result != 1) {
        if (SSL_get_error(client.ssl, result) != SSL_ERROR_WANT_READ) return false;
        wait(client, EPOLL_CTL_MOD, EPOLLIN);
        return true;
      }
      client.asked = true;
      SSL_write(client.ssl, request_.data(), static_cast<int>(request_.size()));
      wait(client, EPOLL_CTL_MOD, EPOLLIN);
      return true;
    }
    const int got = SSL_read(client.ssl, buffer_.data(), static_cast<int>(buffer_.size()));
    if (got <= 0) return SSL_get_error(client.ssl, got) == SSL_ERROR_WANT_READ;
    ++done_;
    end(client);
    return true;
  }

  void end(Client& client) {
    SSL_free(client.ssl);
    close(client.fd);
    delete &client;
    if (started_ < total_) start();
  }

  const int poller_ = epoll_create1(EPOLL_CLOEXEC);
  const int total_;
  const bool keep_;
  SSL_CTX* const tls_;
  sockaddr_in address_{};
  std::string request_;
  int started_ = 0;
  int done_ = 0;
  std::array<char, 16'384> buffer_{};
};

}  // namespace

int main(int argc, char** argv) {
  const std::string_view mode = argc > 3 ? argv[3] : "close";
  if (argc < 3 || (mode == "tls" && argc != 5)) {
    std::fprintf(stderr, "usage: bench_bare_client PORT COUNT [close | keep | tls CA_FILE]\n");
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  Bench bench(std::atoi(argv[1]), std::atoi(argv[2]), mode, mode == "tls" ? make_context(argv[4]) : nullptr);
  const double cpu_before = cpu_seconds();
  const auto begin = std::chrono::steady_clock::now();
  if (!bench.run()) {
    std::fprintf(stderr, "the target does not answer\n");
    return 1;
  }
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const int total = std::atoi(argv[2]);
  std::printf("%.0f %.2f\n", total / wall, (cpu_seconds() - cpu_before) * 1e6 / total);
}
