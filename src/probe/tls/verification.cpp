#include "probe/tls/verification.h"

#include <ctime>

#include <boost/asio/ip/address.hpp>

#include "probe/plain_text.h"

namespace openseer::probe::tls {
namespace {

using domain::Reason;
using http::Fault;

constexpr std::size_t kMaxChains = 4096;
constexpr std::chrono::hours kChainLife{1};
constexpr std::size_t kNamesShown = 3;

std::string date_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return {};
  char text[sizeof "-2147483648-12-31"];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d", &parts)};
}

std::string common_name(const X509_NAME* name) {
  const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (at < 0) return {};
  const ASN1_STRING* const text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

X509* at(const STACK_OF(X509) * chain, int index) {
  const bool there = chain != nullptr && index >= 0 && index < static_cast<int>(sk_X509_num(chain));
  return there ? sk_X509_value(chain, index) : nullptr;
}

// Where the authority publishes its own certificate: those that people are meant to
// trust all say so.
bool names_issuers_location(const X509* certificate) {
  const Owned<AUTHORITY_INFO_ACCESS, AUTHORITY_INFO_ACCESS_free> access(
      static_cast<AUTHORITY_INFO_ACCESS*>(X509_get_ext_d2i(certificate, NID_info_access, nullptr, nullptr)));
  if (access == nullptr) return false;
  for (int i = 0; i < static_cast<int>(sk_ACCESS_DESCRIPTION_num(access.get())); ++i) {
    if (OBJ_obj2nid(sk_ACCESS_DESCRIPTION_value(access.get(), i)->method) == NID_ad_ca_issuers) return true;
  }
  return false;
}

Fault mismatch(const X509* leaf, const std::string& host) {
  Summaries summaries;
  std::vector<std::string> names = summaries.of(leaf, fingerprint_of(leaf))->names;
  if (names.empty()) {
    if (std::string name = common_name(X509_get_subject_name(leaf)); !name.empty()) names = {std::move(name)};
  }
  std::string message = "the certificate is not valid for " + host;
  for (std::size_t i = 0; i < std::min(names.size(), kNamesShown); ++i) {
    message += (i == 0 ? "; it names " : ", ") + names[i];
  }
  if (names.size() > kNamesShown) message += " and " + std::to_string(names.size() - kNamesShown) + " more";
  return {Reason::kTlsHostMismatch, std::move(message)};
}

// Nobody trusted has signed the last certificate that could be found.
Fault unknown_issuer(const STACK_OF(X509) * presented) {
  const X509* const leaf = at(presented, 0);
  const X509* const last = at(presented, static_cast<int>(sk_X509_num(presented)) - 1);
  const std::string issuer = common_name(X509_get_issuer_name(last));
  const std::string by = issuer.empty() ? "" : ", " + issuer + ",";
  if (last == leaf && names_issuers_location(leaf)) {
    return {Reason::kTlsMissingIntermediate, "the server does not send the certificate of its issuer" + by +
                                                 " which clients need to trust it"};
  }
  return {Reason::kTlsUntrusted, "the certificate comes from an authority" + by + " that is not trusted"};
}

// Sent along, or trusted.
OwnedX509 issuer_of(X509* leaf, const STACK_OF(X509) * presented, X509_STORE* store) {
  for (int i = 1; at(presented, i) != nullptr; ++i) {
    if (X509_check_issued(at(presented, i), leaf) != X509_V_OK) continue;
    X509_up_ref(at(presented, i));
    return OwnedX509(at(presented, i));
  }
  const Owned<X509_STORE_CTX, X509_STORE_CTX_free> search(X509_STORE_CTX_new());
  X509* found = nullptr;
  const bool ready =
      search != nullptr && leaf != nullptr && X509_STORE_CTX_init(search.get(), store, leaf, nullptr) == 1;
  if (!ready || X509_STORE_CTX_get1_issuer(&found, search.get(), leaf) != 1) return nullptr;
  return OwnedX509(found);
}

struct IdDeleter {
  void operator()(OCSP_CERTID* id) const { OCSP_CERTID_free(id); }
};

}  // namespace

bool ChainCache::contains(const std::string& key, Instant now, Monotonic clock) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return false;
  const Entry& entry = found->second;
  if (clock < entry.expires && now >= entry.window.not_before && now <= entry.window.not_after) return true;
  entries_.erase(found);
  return false;
}

void ChainCache::add(std::string key, const Window& window, Monotonic clock) {
  if (entries_.size() >= kMaxChains) entries_.clear();
  entries_.insert_or_assign(std::move(key), Entry{window, clock + kChainLife});
}

Verdict verify(X509_STORE_CTX* chain, const std::string& name, ChainCache::Window& window) {
  X509_VERIFY_PARAM* const rules = X509_STORE_CTX_get0_param(chain);
  boost::system::error_code not_numeric;
  boost::asio::ip::make_address(name, not_numeric);
  if (not_numeric) {
    X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    X509_VERIFY_PARAM_set1_host(rules, name.data(), name.size());
  } else {
    X509_VERIFY_PARAM_set1_ip_asc(rules, name.c_str());
  }
  set_verification_strength(chain);
  if (X509_verify_cert(chain) != 1) {
    const int error = X509_STORE_CTX_get_error(chain);
    return {error == X509_V_OK ? X509_V_ERR_UNSPECIFIED : error, X509_STORE_CTX_get_error_depth(chain)};
  }
  const STACK_OF(X509)* const good = X509_STORE_CTX_get0_chain(chain);
  int depth = 0;
  if (const int weakness = weakness_of(good, depth); weakness != 0) return {weakness, depth};
  for (int i = 0; i < static_cast<int>(sk_X509_num(good)); ++i) {
    const X509* const one = sk_X509_value(good, i);
    window.not_before =
        std::max(window.not_before, instant_of(X509_get0_notBefore(one)).value_or(Instant::max()));
    window.not_after =
        std::min(window.not_after, instant_of(X509_get0_notAfter(one)).value_or(Instant::min()));
  }
  return {};
}

Fault certificate_fault(const Verdict& verdict, const STACK_OF(X509) * presented, const std::string& name) {
  const std::string subject = verdict.depth == 0 ? "the certificate" : "a certificate of the chain";
  const X509* const culprit = at(presented, verdict.depth);
  switch (verdict.error) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return mismatch(at(presented, 0), name);
    case X509_V_ERR_CERT_HAS_EXPIRED: {
      const bool dated = verdict.depth == 0 && culprit != nullptr;
      return {Reason::kTlsExpired,
              subject + " expired" + (dated ? " on " + date_of(X509_get0_notAfter(culprit)) : "")};
    }
    case X509_V_ERR_CERT_NOT_YET_VALID: {
      const bool dated = verdict.depth == 0 && culprit != nullptr;
      return {
          Reason::kTlsNotYetValid,
          subject + " is not valid " + (dated ? "before " + date_of(X509_get0_notBefore(culprit)) : "yet")};
    }
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return {Reason::kTlsSelfSigned, "the certificate is self-signed"};
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return unknown_issuer(presented);
    case X509_V_ERR_CERT_REVOKED:
      return {Reason::kTlsRevoked, subject + " has been revoked"};
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
      return {Reason::kTlsWeak, subject + " has a key that is too short to be safe"};
    case X509_V_ERR_CA_MD_TOO_WEAK:
      return {Reason::kTlsWeak, subject + " is signed with a digest that is no longer safe"};
    default:
      return {Reason::kTlsCertificate, plain_text("the certificate is not acceptable: " +
                                                  std::string(X509_verify_cert_error_string(verdict.error)))};
  }
}

bool is_revoked(std::span<const unsigned char> response, const STACK_OF(X509) * presented,
                X509_STORE* store) {
  X509* const leaf = at(presented, 0);
  const OwnedX509 issuer = issuer_of(leaf, presented, store);
  if (issuer == nullptr) return false;
  const unsigned char* bytes = response.data();
  const Owned<OCSP_RESPONSE, OCSP_RESPONSE_free> answer(
      d2i_OCSP_RESPONSE(nullptr, &bytes, static_cast<long>(response.size())));
  if (answer == nullptr || OCSP_response_status(answer.get()) != OCSP_RESPONSE_STATUS_SUCCESSFUL)
    return false;
  const Owned<OCSP_BASICRESP, OCSP_BASICRESP_free> basic(OCSP_response_get1_basic(answer.get()));
  if (basic == nullptr) return false;
  auto* const helpers = const_cast<STACK_OF(X509)*>(presented);
  if (OCSP_basic_verify(basic.get(), helpers, store, 0) != 1) return false;
  const std::unique_ptr<OCSP_CERTID, IdDeleter> id(OCSP_cert_to_id(nullptr, leaf, issuer.get()));
  int status = 0;
  int reason = 0;
  ASN1_GENERALIZEDTIME* revoked = nullptr;
  ASN1_GENERALIZEDTIME* from = nullptr;
  ASN1_GENERALIZEDTIME* until = nullptr;
  if (OCSP_resp_find_status(basic.get(), id.get(), &status, &reason, &revoked, &from, &until) != 1)
    return false;
  return status == V_OCSP_CERTSTATUS_REVOKED;
}

}  // namespace openseer::probe::tls
