#include "store/instance.h"

#include <stdexcept>

#include "pg/pool.h"
#include "pki/authority.h"
#include "pki/secret_box.h"
#include "store/audit.h"

namespace openseer::store {
namespace {

constexpr auto kKeyContext = "ca-key";

const pg::Statement kSettings{"instance_settings", R"(
SELECT NOT EXISTS (SELECT FROM app.users), sign_up FROM app.instance)"};
const pg::Statement kLockSettings{"instance_lock_settings", R"(
SELECT NOT EXISTS (SELECT FROM app.users), sign_up FROM app.instance FOR UPDATE)"};
const pg::Statement kSetSignUp{"instance_set_sign_up", "UPDATE app.instance SET sign_up = $1"};

const pg::Statement kLoadAuthority{"instance_load_authority", R"(
SELECT ca_certificate_pem, ca_key_sealed FROM app.instance)"};
// The first one wins; the row's lock makes the others wait and then find it.
const pg::Statement kSaveAuthority{"instance_save_authority", R"(
UPDATE app.instance SET ca_certificate_pem = $1, ca_key_sealed = $2 WHERE ca_certificate_pem IS NULL)"};

InstanceSettings read_settings(const pg::Row& row) {
  return {row.get<bool>(0), static_cast<SignUp>(row.get<std::int16_t>(1))};
}

// For the audit log.
std::string name_of(SignUp sign_up) {
  if (sign_up == SignUp::kOpen) return "open";
  return sign_up == SignUp::kInvitation ? "invitation" : "closed";
}

asio::awaitable<std::optional<pki::KeyAndCertificate>> load_authority(pg::Pool& pool,
                                                                      const pki::SecretBox& secrets) {
  const pg::Rows rows = co_await pool.query(kLoadAuthority);
  const auto certificate = rows[0].get<std::optional<std::string>>(0);
  const auto sealed = rows[0].get<std::optional<pg::Bytes>>(1);
  if (!certificate || !sealed) co_return std::nullopt;
  pki::KeyAndCertificate authority;
  authority.private_key_pem = secrets.open(sealed->data, kKeyContext);
  authority.certificate_pem = *certificate;
  co_return authority;
}

}  // namespace

Refusal sign_up_refused(SignUp policy) {
  const bool by_invitation = policy == SignUp::kInvitation;
  return {Code::kPermissionDenied,
          by_invitation ? "an account needs an invitation on this instance"
                        : "sign-up is closed on this instance",
          {}};
}

asio::awaitable<InstanceSettings> instance_settings(pg::Pool& pool) {
  const pg::Rows rows = co_await pool.query(kSettings);
  co_return read_settings(rows[0]);
}

asio::awaitable<InstanceSettings> set_sign_up(pg::Pool& pool, SignUp sign_up, const Actor& by) {
  pg::Transaction tx = co_await pool.begin();
  const pg::Rows rows = co_await tx.query(kLockSettings, {});
  InstanceSettings settings = read_settings(rows[0]);
  if (settings.sign_up != sign_up) {
    co_await tx.query(kSetSignUp, pg::bind(static_cast<std::int16_t>(sign_up)));
    AuditEvent event{.action = "instance.update"};
    event.changes.push_back({"sign_up", name_of(settings.sign_up), name_of(sign_up)});
    co_await write_audit(tx, by, std::move(event));
    settings.sign_up = sign_up;
  }
  co_await tx.commit();
  co_return settings;
}

asio::awaitable<pki::KeyAndCertificate> load_or_create_authority(pg::Pool& pool,
                                                                 const pki::SecretBox& secrets) {
  if (auto existing = co_await load_authority(pool, secrets)) co_return std::move(*existing);
  const pki::KeyAndCertificate fresh = pki::CertificateAuthority::create();
  const pg::Bytes sealed{secrets.seal(fresh.private_key_pem, kKeyContext)};
  co_await pool.query(kSaveAuthority, pg::bind(fresh.certificate_pem, sealed));
  auto agreed = co_await load_authority(pool, secrets);
  if (!agreed) throw std::runtime_error("the certificate authority was removed while it was being made");
  co_return std::move(*agreed);
}

}  // namespace openseer::store
