#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/refusal.h"
#include "store/throttle.h"

namespace openseer::control {

namespace asio = boost::asio;

// Failures count for the account as seen from one address, strictly, and for the
// address alone, loosely: guessing gets slow, and nobody can lock out an owner
// who comes from elsewhere. An IPv6 address counts as its /64.
std::vector<store::ThrottleSubject> throttle_subjects(std::string_view email, const std::string& address);

// For codes of the second factor, which only who knows the password can try: from
// one network, and, more patiently, from everywhere.
std::vector<store::ThrottleSubject> code_throttle_subjects(std::int64_t user_id, const std::string& address);

// For e-mails that anybody can have sent to an address.
std::vector<store::ThrottleSubject> reset_throttle_subjects(std::string_view email,
                                                            const std::string& address);

// Takes a turn; ResourceExhausted with the time to wait.
asio::awaitable<Result<void>> take_turn(pg::Pool& pool, std::vector<store::ThrottleSubject> subjects);

}  // namespace openseer::control
