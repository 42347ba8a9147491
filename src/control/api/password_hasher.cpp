#include "control/api/password_hasher.h"

#include <new>

#include <argon2.h>
#include <strings.h>
#include <sys/random.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace openseer::control {
namespace {

constexpr std::uint32_t kPasses = 2;
constexpr std::uint32_t kMemoryKiB = 19456;
constexpr std::uint32_t kLanes = 1;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;
constexpr int kThreads = 2;
constexpr int kLongestQueue = 32;

// Memory that argon2 could not get is the machine's trouble, not the password's.
void check(int code) {
  if (code == ARGON2_MEMORY_ALLOCATION_ERROR) throw std::bad_alloc();
  if (code != ARGON2_OK) throw std::runtime_error(argon2_error_message(code));
}

std::string encode(std::string password) {
  std::array<unsigned char, kSaltBytes> salt{};
  if (getrandom(salt.data(), salt.size(), 0) != static_cast<ssize_t>(salt.size()))
    throw std::runtime_error("the system has no random numbers");
  std::string phc(argon2_encodedlen(kPasses, kMemoryKiB, kLanes, kSaltBytes, kHashBytes, Argon2_id), '\0');
  const int code = argon2id_hash_encoded(kPasses, kMemoryKiB, kLanes, password.data(), password.size(),
                                         salt.data(), salt.size(), kHashBytes, phc.data(), phc.size());
  explicit_bzero(password.data(), password.size());
  check(code);
  phc.resize(std::strlen(phc.c_str()));
  return phc;
}

bool matches(std::string password, const std::string& phc) {
  const int code = argon2id_verify(phc.c_str(), password.data(), password.size());
  explicit_bzero(password.data(), password.size());
  if (code == ARGON2_VERIFY_MISMATCH) return false;
  check(code);
  return true;
}

// Bodies of the tasks that run on the hashing threads.
asio::awaitable<std::string> encode_task(std::string password) { co_return encode(std::move(password)); }
asio::awaitable<bool> match_task(std::string password, std::string phc) {
  co_return matches(std::move(password), phc);
}

}  // namespace

// A place in the queue, until destroyed.
class PasswordHasher::Turn {
 public:
  explicit Turn(int& pending) : pending_(pending) { ++pending_; }
  ~Turn() { --pending_; }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  Result<void> check() const {
    if (pending_ <= kThreads + kLongestQueue) return {};
    return Refusal{Code::kResourceExhausted, "too many people are signing in, try again in a moment", {}};
  }

 private:
  int& pending_;
};

PasswordHasher::PasswordHasher() : nobody_(encode("nobody has this password")), threads_(kThreads) {}

asio::awaitable<Result<std::string>> PasswordHasher::hash(std::string password) {
  const Turn turn(pending_);
  if (const Result<void> allowed = turn.check(); !allowed) co_return allowed.error();
  std::string phc = co_await asio::co_spawn(threads_, encode_task(std::move(password)), asio::use_awaitable);
  co_return phc;
}

asio::awaitable<Result<bool>> PasswordHasher::verify(std::string password, std::string phc) {
  const Turn turn(pending_);
  if (const Result<void> allowed = turn.check(); !allowed) co_return allowed.error();
  const bool matched =
      co_await asio::co_spawn(threads_, match_task(std::move(password), std::move(phc)), asio::use_awaitable);
  co_return matched;
}

asio::awaitable<Result<bool>> PasswordHasher::verify_nobody(std::string password) {
  const Result<bool> ignored = co_await verify(std::move(password), nobody_);
  if (!ignored) co_return ignored.error();
  co_return false;
}

}  // namespace openseer::control
