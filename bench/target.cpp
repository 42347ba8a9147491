// A target that answers every GET with 200 and 13 bytes: one thread, epoll.
//   /      closes the connection afterwards
//   /keep  keeps it
//   /hold  never answers
// With a certificate and a key (PEM) it speaks TLS, without session tickets.
// usage: bench_target PORT [CERTIFICATE KEY]
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

namespace {

constexpr std::string_view kClose =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\nConnection: close\r\n\r\nall is "
    "well\r\n";
constexpr std::string_view kKeep =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nall is well\r\n";

void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

SSL_CTX* make_context(const char* certificate, const char* key) {
  SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
  if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1) {
    fail("certificate");
  }
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  return context;
}

struct Client {
  int fd;
  SSL* ssl;
};

int read_some(Client& client, char* to, int size) {
  if (client.ssl == nullptr) return static_cast<int>(read(client.fd, to, static_cast<std::size_t>(size)));
  const int got = SSL_read(client.ssl, to, size);
  if (got > 0) return got;
  const int error = SSL_get_error(client.ssl, got);
  errno = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? EAGAIN : ECONNRESET;
  return -1;
}

void write_all(Client& client, std::string_view text) {
  if (client.ssl != nullptr) {
    SSL_write(client.ssl, text.data(), static_cast<int>(text.size()));
  } else if (write(client.fd, text.data(), text.size()) < 0) {
    // The client has gone: nothing is owed to it.
  }
}

// False when the connection is over.
bool serve(Client& client) {
  std::array<char, 8192> buffer;
  for (;;) {
    const int got = read_some(client, buffer.data(), static_cast<int>(buffer.size()));
    if (got <= 0) return got < 0 && errno == EAGAIN;
    const std::string_view request(buffer.data(), static_cast<std::size_t>(got));
    if (request.starts_with("GET /hold")) continue;
    const bool keeps = request.starts_with("GET /keep");
    write_all(client, keeps ? kKeep : kClose);
    if (!keeps) return false;
  }
}

void end(Client* client) {
  SSL_free(client->ssl);
  close(client->fd);
  delete client;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && argc != 4) {
    std::fprintf(stderr, "usage: bench_target PORT [CERTIFICATE KEY]\n");
    return 2;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::signal(SIGPIPE, SIG_IGN);
  rlimit descriptors{};
  getrlimit(RLIMIT_NOFILE, &descriptors);
  descriptors.rlim_cur = descriptors.rlim_max;
  setrlimit(RLIMIT_NOFILE, &descriptors);
  SSL_CTX* const tls = argc == 4 ? make_context(argv[2], argv[3]) : nullptr;
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[1])));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("bind");
  if (listen(listener, 4096) != 0) fail("listen");

  const int poller = epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = nullptr;  // the listener
  epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
  std::array<epoll_event, 256> ready{};
  while (true) {
    const int count = epoll_wait(poller, ready.data(), static_cast<int>(ready.size()), -1);
    for (int i = 0; i < count; ++i) {
      auto* const client = static_cast<Client*>(ready[static_cast<std::size_t>(i)].data.ptr);
      if (client != nullptr) {
        if (!serve(*client)) end(client);
        continue;
      }
      int fd = 0;
      while ((fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        auto* const made = new Client{fd, tls != nullptr ? SSL_new(tls) : nullptr};
        if (tls != nullptr) {
          SSL_set_fd(made->ssl, fd);
          SSL_set_accept_state(made->ssl);
          setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        }
        event.events = EPOLLIN;
        event.data.ptr = made;
        epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
      }
    }
  }
}
