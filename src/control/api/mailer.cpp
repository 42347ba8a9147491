#include "control/api/mailer.h"

#include <thread>

#include <boost/asio/post.hpp>

#include "base/log.h"

namespace openseer::control {
namespace {

constexpr int kMostWaiting = 200;
constexpr int kAttempts = 3;
constexpr Seconds kTimeout{10};
constexpr Milliseconds kBetweenAttempts{2'000};
constexpr Milliseconds kLook{50};  // how soon a pause notices that the program ends

}  // namespace

Mailer::~Mailer() {
  stopping_ = true;
  thread_.stop();
  thread_.join();
}

void Mailer::send(std::string to, std::string subject, std::string text) {
  if (!options_) return;
  if (waiting_ >= kMostWaiting) {
    log::error("an e-mail was dropped: too many wait for the mail server", {{"subject", subject}});
    return;
  }
  ++waiting_;
  asio::post(thread_,
             [this, mail = http::Mail{options_->from, std::move(to), std::move(subject), std::move(text)}] {
               deliver(mail);
               --waiting_;
             });
}

void Mailer::deliver(const http::Mail& mail) const {
  for (int attempt = 1; attempt <= kAttempts && !stopping_; ++attempt) {
    try {
      http::send_mail(options_->server, mail, kTimeout);
      log::info("e-mail sent", {{"subject", mail.subject}});
      return;
    } catch (const std::exception& error) {
      log::warning("an e-mail could not be sent",
                   {{"subject", mail.subject}, {"attempt", attempt}, {"error", error.what()}});
    }
    for (Milliseconds slept{0}; slept < kBetweenAttempts * attempt && !stopping_; slept += kLook)
      std::this_thread::sleep_for(kLook);
  }
}

}  // namespace openseer::control
