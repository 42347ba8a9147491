#include "dns_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace openseer::probe::test {
namespace {

constexpr std::size_t kHeader = 12;

std::string u16(unsigned value) { return {static_cast<char>(value >> 8), static_cast<char>(value)}; }
std::string u32(unsigned value) { return u16(value >> 16) + u16(value & 0xffff); }

// Where the question ends, and its name.
std::size_t read_name(const std::string& query, std::string& name) {
  std::size_t at = kHeader;
  while (at < query.size() && query[at] != 0) {
    const auto length = static_cast<unsigned char>(query[at]);
    if (!name.empty()) name += '.';
    name += query.substr(at + 1, length);
    at += length + 1U;
  }
  return at + 1;
}

}  // namespace

DnsServer::DnsServer(Script script)
    : script_(std::move(script)), fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  bind(fd_, reinterpret_cast<sockaddr*>(&address), size);
  getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

DnsServer::~DnsServer() {
  over_ = true;
  shutdown(fd_, SHUT_RDWR);
  // An unconnected socket is not woken by shutdown(): a datagram to itself wakes it.
  sockaddr_in self{};
  self.sin_family = AF_INET;
  self.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  self.sin_port = htons(static_cast<std::uint16_t>(port_));
  const int waker = socket(AF_INET, SOCK_DGRAM, 0);
  sendto(waker, "", 0, 0, reinterpret_cast<sockaddr*>(&self), sizeof self);
  close(waker);
  thread_.join();
  close(fd_);
}

std::string DnsServer::address() const { return "127.0.0.1:" + std::to_string(port_); }

std::vector<std::string> DnsServer::questions() const {
  const std::lock_guard lock(mutex_);
  return questions_;
}

void DnsServer::serve() {
  char buffer[2048];
  while (!over_) {
    sockaddr_in from{};
    socklen_t size = sizeof from;
    const ssize_t got = recvfrom(fd_, buffer, sizeof buffer, 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (got <= static_cast<ssize_t>(kHeader)) continue;
    const std::string query(buffer, static_cast<std::size_t>(got));
    std::string name;
    const std::size_t end = read_name(query, name);
    const bool ipv6 = query.at(end + 1) == 28;
    const std::string type = ipv6 ? "AAAA" : "A";
    {
      const std::lock_guard lock(mutex_);
      questions_.push_back(type + " " + name);
    }
    const Say say = script_(name, type);
    if (say.kind == Kind::kSilent) continue;
    const std::string answer = reply(query.substr(0, end + 4), say, ipv6);
    sendto(fd_, answer.data(), answer.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
  }
}

std::string DnsServer::reply(const std::string& query, const Say& say, bool ipv6) const {
  const std::map<Kind, unsigned> codes = {{Kind::kAnswer, 0},
                                          {Kind::kGarbage, 0},
                                          {Kind::kNotFound, 3},
                                          {Kind::kServerFailure, 2},
                                          {Kind::kRefused, 5}};
  const bool negative = say.addresses.empty() && (say.kind == Kind::kAnswer || say.kind == Kind::kNotFound);
  std::string out = query.substr(0, 2) + u16(0x8180 | codes.at(say.kind)) + u16(1);
  out += u16(say.kind == Kind::kGarbage ? 3 : static_cast<unsigned>(say.addresses.size()));
  out += u16(negative ? 1 : 0) + u16(0) + query.substr(kHeader);
  if (say.kind == Kind::kGarbage) return out + "\xc0";
  for (const std::string& address : say.addresses) {
    unsigned char bytes[16];
    const int size = ipv6 ? 16 : 4;
    inet_pton(ipv6 ? AF_INET6 : AF_INET, address.c_str(), bytes);
    out += u16(0xc00c) + u16(ipv6 ? 28 : 1) + u16(1) + u32(say.ttl) + u16(static_cast<unsigned>(size));
    out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  }
  if (negative) {  // the SOA: root names, five numbers, the last of which is MINIMUM
    out += u16(0xc00c) + u16(6) + u16(1) + u32(say.ttl) + u16(22) + std::string(2, '\0');
    out += u32(1) + u32(2) + u32(3) + u32(4) + u32(say.ttl);
  }
  return out;
}

}  // namespace openseer::probe::test
