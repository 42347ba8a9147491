#include "support/mail_server.h"

#include <istream>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <openssl/evp.h>

namespace openseer::test {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

std::string from_base64(std::string text) {
  std::erase_if(text, [](char c) { return c == '\r' || c == '\n'; });
  std::string out(text.size(), '\0');
  const int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  out.resize(size < 0 ? 0 : static_cast<std::size_t>(size) - padding);
  return out;
}

// "MAIL FROM:<a@b>" -> "a@b"
std::string in_brackets(const std::string& line) {
  const std::size_t open = line.find('<');
  const std::size_t close = line.find('>');
  if (open == std::string::npos || close == std::string::npos) return "";
  return line.substr(open + 1, close - open - 1);
}

template <class Stream>
class Lines {
 public:
  explicit Lines(Stream& stream) : stream_(stream) {}
  std::string read() {
    asio::read_until(stream_, buffer_, "\r\n");
    std::istream in(&buffer_);
    std::string line;
    std::getline(in, line);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return line;
  }
  void write(const std::string& line) { asio::write(stream_, asio::buffer(line + "\r\n")); }

 private:
  Stream& stream_;
  asio::streambuf buffer_;
};

}  // namespace

std::string ReceivedMail::text() const {
  const std::size_t end = message.find("\r\n\r\n");
  return end == std::string::npos ? "" : from_base64(message.substr(end + 4));
}

struct MailServer::Native {
  asio::io_context context;
  tcp::acceptor acceptor{context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  asio::ssl::context tls{asio::ssl::context::tls_server};
  std::unique_ptr<tcp::socket> open;  // of the conversation under way
};

MailServer::MailServer(Options options) : options_(std::move(options)), native_(std::make_unique<Native>()) {
  if (!options_.certificate_pem.empty()) {
    native_->tls.use_certificate_chain(asio::buffer(options_.certificate_pem));
    native_->tls.use_private_key(asio::buffer(options_.private_key_pem), asio::ssl::context::pem);
  }
  port_ = native_->acceptor.local_endpoint().port();
  thread_ = std::thread([this] { serve(); });
}

MailServer::~MailServer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    // Ends what reads, and the accept.
    boost::system::error_code ignored;
    if (native_->open) native_->open->shutdown(tcp::socket::shutdown_both, ignored);
    tcp::socket last(native_->context);
    last.connect(native_->acceptor.local_endpoint(), ignored);
  }
  thread_.join();
}

void MailServer::serve() {
  while (true) {
    auto socket = std::make_unique<tcp::socket>(native_->acceptor.accept());
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      native_->open = std::move(socket);
    }
    try {
      if (options_.implicit_tls) {
        asio::ssl::stream<tcp::socket&> stream(*native_->open, native_->tls);
        stream.handshake(asio::ssl::stream_base::server);
        converse(stream, true);
      } else {
        converse(*native_->open, false);
      }
    } catch (const std::exception&) {
      // The client went.
    }
    const std::lock_guard lock(mutex_);
    native_->open.reset();
  }
}

template <class Stream>
void MailServer::converse(Stream& stream, bool tls) {
  Lines<Stream> lines(stream);
  const bool offers_tls = !options_.certificate_pem.empty() && !tls;
  ReceivedMail mail;
  mail.tls = tls;
  // After STARTTLS the client begins anew, without a greeting.
  if (!tls || options_.implicit_tls) lines.write("220 test");
  while (true) {
    const std::string line = lines.read();
    const std::string verb = line.substr(0, 4);
    if (verb == "EHLO") {
      lines.write("250-test");
      if (offers_tls) lines.write("250-STARTTLS");
      if (!options_.user.empty()) lines.write("250-AUTH PLAIN");
      lines.write("250 SIZE 1000000");
    } else if (verb == "STAR" && offers_tls) {
      lines.write("220 go");
      if constexpr (std::is_same_v<Stream, tcp::socket>) {
        asio::ssl::stream<tcp::socket&> secure(stream, native_->tls);
        secure.handshake(asio::ssl::stream_base::server);
        converse(secure, true);
      }
      return;
    } else if (verb == "AUTH") {
      // "AUTH PLAIN", the answer with it or after a 334.
      std::string answer = line.size() > 11 ? line.substr(11) : "";
      if (answer.empty()) {
        lines.write("334 ");
        answer = lines.read();
      }
      const bool right = from_base64(answer) ==
                         std::string(1, '\0') + options_.user + std::string(1, '\0') + options_.password;
      if (right) mail.user = options_.user;
      lines.write(right ? "235 ok" : "535 no");
    } else if (verb == "MAIL") {
      mail.from = in_brackets(line);
      lines.write(!options_.user.empty() && mail.user.empty() ? "530 sign in first" : "250 ok");
    } else if (verb == "RCPT") {
      mail.to = in_brackets(line);
      const std::lock_guard lock(mutex_);
      const bool refuse = refused_ < options_.refuse_first;
      refused_ += refuse ? 1 : 0;
      lines.write(refuse ? "451 not now" : "250 ok");
    } else if (verb == "DATA") {
      lines.write("354 go");
      mail.message.clear();
      for (std::string part = lines.read(); part != "."; part = lines.read()) mail.message += part + "\r\n";
      keep(mail);
      lines.write("250 ok");
    } else {
      lines.write(verb == "QUIT" ? "221 bye" : "502 what");
      if (verb == "QUIT") return;
    }
  }
}

void MailServer::keep(ReceivedMail mail) {
  const std::lock_guard lock(mutex_);
  mails_.push_back(std::move(mail));
  arrived_.notify_all();
}

std::optional<ReceivedMail> MailServer::wait(Seconds limit) {
  std::unique_lock lock(mutex_);
  if (!arrived_.wait_for(lock, limit, [this] { return !mails_.empty(); })) return std::nullopt;
  ReceivedMail first = std::move(mails_.front());
  mails_.erase(mails_.begin());
  return first;
}

int MailServer::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

}  // namespace openseer::test
