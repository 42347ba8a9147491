#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

namespace openseer::fuzz {

// A server and a name server on loopback ports that do what a script says, by turns
// with their client on one thread: nothing blocks, nothing waits for the clock, so an
// input always comes to the same.
class HostileServer {
 public:
  // With `tls`, every connection begins with a handshake.
  explicit HostileServer(SSL_CTX* tls);
  ~HostileServer();
  HostileServer(const HostileServer&) = delete;
  HostileServer& operator=(const HostileServer&) = delete;

  std::uint16_t port() const { return port_; }
  std::uint16_t name_port() const { return name_port_; }

  // Takes what has come: connections, bytes unless it is deaf, questions when it
  // answers them by itself. True when there was anything.
  bool turn();
  void set_deaf(bool deaf) { deaf_ = deaf; }
  void set_answers_names(bool answers) { answers_names_ = answers; }

  // On the connection it has turned to: the first one that came and is not over.
  void send(std::string_view bytes);
  void half_close();
  void close();
  void reset();
  void next_connection();

  // Replies to the oldest open question: its id and question, then `rest`, which
  // begins with the flags and the three counts behind the question's.
  void reply(std::string_view rest);
  void refuse_connections();
  // Nothing is served any more; every connection is closed.
  void shut();

  // The last bytes the client has sent.
  const std::string& heard() const { return heard_; }
  std::size_t accepted() const { return accepted_; }

 private:
  struct Connection {
    explicit Connection(int descriptor) : fd(descriptor) {}
    ~Connection();
    int fd;
    SSL* ssl = nullptr;
    bool over = false;
  };
  struct Question {
    std::string bytes;
    std::uint16_t port = 0;
  };

  bool accept_some();
  bool read_from(Connection& connection);
  bool take_question();
  void answer_oldest();

  SSL_CTX* const tls_;
  std::uint16_t port_ = 0;
  std::uint16_t name_port_ = 0;
  int listener_;  // binding it says the port
  int names_;
  std::deque<std::unique_ptr<Connection>> connections_;  // the one it has turned to first
  std::deque<Question> questions_;
  std::string heard_;
  std::size_t accepted_ = 0;
  bool deaf_ = false;
  bool answers_names_ = true;
};

}  // namespace openseer::fuzz
