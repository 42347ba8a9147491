#include "app/enrollment.h"

#include "pg/pool.h"
#include "pki/authority.h"
#include "pki/secret_box.h"
#include "store/instance.h"
#include "store/workers.h"

namespace openseer::app {

boost::asio::awaitable<std::string> make_enrollment_token(pg::Pool& pool, const pki::SecretBox& secrets,
                                                          std::string region, int uses, Seconds lifetime) {
  const pki::KeyAndCertificate authority = co_await store::load_or_create_authority(pool, secrets);
  const std::string secret = pki::random_hex(32);
  std::string hash = pki::sha256(secret);
  store::Actor by;
  by.name = "openseer token create";
  co_await store::create_token(pool, std::move(region), std::move(hash), uses, lifetime, by);
  co_return secret + '.' + pki::certificate_fingerprint(authority.certificate_pem);
}

options::Parser region_name(std::string& into) {
  return [&into](std::string_view value) -> std::optional<std::string> {
    const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
    bool good = !value.empty() && value.size() <= 63 && letter(value.front());
    for (const char c : value) good = good && (letter(c) || (c >= '0' && c <= '9') || c == '-');
    if (!good) return "must be 1 to 63 of a-z, 0-9 and \"-\", starting with a letter";
    into = value;
    return std::nullopt;
  };
}

}  // namespace openseer::app
