// The floor: connect, GET, read, close, as fast as one epoll thread can, with
// nothing measured, judged or kept. usage: bench_bare_client PORT COUNT
// Prints requests per second of wall time and the CPU time of each.
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
constexpr int kAtOnce = 64;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: bench_bare_client PORT COUNT\n");
    return 2;
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[1])));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int total = std::atoi(argv[2]);
  const int poller = epoll_create1(EPOLL_CLOEXEC);
  int started = 0;
  int done = 0;
  const auto start_one = [&] {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
    epoll_event event{};
    event.events = EPOLLOUT;
    event.data.fd = fd;
    epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
    ++started;
  };
  const auto begin = std::chrono::steady_clock::now();
  while (started < kAtOnce && started < total) start_one();
  std::array<epoll_event, 128> ready{};
  std::array<char, 8192> buffer{};
  while (done < total) {
    const int count = epoll_wait(poller, ready.data(), static_cast<int>(ready.size()), 5'000);
    if (count <= 0) {
      std::fprintf(stderr, "the target does not answer\n");
      return 1;
    }
    for (int i = 0; i < count; ++i) {
      const epoll_event& one = ready[static_cast<std::size_t>(i)];
      const int fd = one.data.fd;
      if ((one.events & EPOLLOUT) != 0) {
        if (write(fd, kRequest.data(), kRequest.size()) < 0) return 1;
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = fd;
        epoll_ctl(poller, EPOLL_CTL_MOD, fd, &event);
        continue;
      }
      if (read(fd, buffer.data(), buffer.size()) <= 0) return 1;
      close(fd);
      ++done;
      if (started < total) start_one();
    }
  }
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::printf("%.0f %.2f\n", total / wall, cpu_seconds() * 1e6 / total);
}
