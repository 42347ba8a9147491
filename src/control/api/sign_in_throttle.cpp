#include "control/api/sign_in_throttle.h"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include "domain/text.h"
#include "pki/secret_box.h"

namespace openseer::control {
namespace {

constexpr std::int32_t kFreePerAccount = 5;
constexpr std::int32_t kFreePerAddress = 50;
constexpr std::int32_t kFreeResets = 3;
constexpr std::int32_t kFreeResetsPerAddress = 20;
constexpr std::int32_t kFreeCodes = 5;
constexpr std::int32_t kFreeCodesFromEverywhere = 20;

std::string network_of(const std::string& text) {
  boost::system::error_code error;
  const asio::ip::address address = asio::ip::make_address(text, error);
  if (error || !address.is_v6() || address.to_v6().is_v4_mapped()) return text;
  return asio::ip::make_network_v6(address.to_v6(), 64).canonical().to_string();
}

}  // namespace

std::vector<store::ThrottleSubject> throttle_subjects(std::string_view email, const std::string& address) {
  const std::string network = network_of(address);
  std::vector<store::ThrottleSubject> subjects;
  subjects.push_back({pki::sha256("account:" + domain::lower(email) + "|" + network), kFreePerAccount});
  subjects.push_back({pki::sha256("address:" + network), kFreePerAddress});
  return subjects;
}

std::vector<store::ThrottleSubject> code_throttle_subjects(std::int64_t user_id, const std::string& address) {
  const std::string account = "code:" + std::to_string(user_id);
  std::vector<store::ThrottleSubject> subjects;
  subjects.push_back({pki::sha256(account + "|" + network_of(address)), kFreeCodes});
  subjects.push_back({pki::sha256(account), kFreeCodesFromEverywhere});
  return subjects;
}

std::vector<store::ThrottleSubject> reset_throttle_subjects(std::string_view email,
                                                            const std::string& address) {
  std::vector<store::ThrottleSubject> subjects;
  subjects.push_back({pki::sha256("reset:" + domain::lower(email)), kFreeResets});
  subjects.push_back({pki::sha256("reset-from:" + network_of(address)), kFreeResetsPerAddress});
  return subjects;
}

asio::awaitable<Result<void>> take_turn(pg::Pool& pool, std::vector<store::ThrottleSubject> subjects) {
  const Seconds wait = co_await store::begin_attempt(pool, std::move(subjects));
  if (wait == Seconds{0}) co_return Result<void>();
  co_return Refusal{
      Code::kResourceExhausted, "too many attempts, try again in " + std::to_string(wait.count()) + " s", {}};
}

}  // namespace openseer::control
