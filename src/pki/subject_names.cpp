#include "pki/subject_names.h"

#include <charconv>

namespace openseer::pki {
namespace {

constexpr std::string_view kWorkerPrefix = "openseer://worker/";

void append(GENERAL_NAMES* names, int type, ASN1_STRING* value) {
  GENERAL_NAME* const name = GENERAL_NAME_new();
  require(name != nullptr && value != nullptr, "cannot make a subject alternative name");
  GENERAL_NAME_set0_value(name, type, value);
  require(sk_GENERAL_NAME_push(names, name) > 0, "cannot add a subject alternative name");
}

void append_text(GENERAL_NAMES* names, int type, std::string_view text) {
  ASN1_IA5STRING* const value = ASN1_IA5STRING_new();
  require(value && ASN1_STRING_set(value, text.data(), static_cast<int>(text.size())) == 1,
          "cannot write a subject alternative name");
  append(names, type, value);
}

void add(X509* certificate, GENERAL_NAMES* names) {
  require(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) == 1,
          "cannot add subject alternative names");
}

}  // namespace

void add_server_names(X509* certificate, const std::vector<std::string>& names) {
  const NamesPtr list(GENERAL_NAMES_new());
  require(list != nullptr, "cannot allocate");
  for (const std::string& name : names) {
    if (ASN1_OCTET_STRING* const address = a2i_IPADDRESS(name.c_str())) {
      append(list.get(), GEN_IPADD, address);
    } else {
      ERR_clear_error();
      append_text(list.get(), GEN_DNS, name);
    }
  }
  add(certificate, list.get());
}

void add_worker_name(X509* certificate, std::int32_t worker_id) {
  const NamesPtr list(GENERAL_NAMES_new());
  require(list != nullptr, "cannot allocate");
  append_text(list.get(), GEN_URI, std::string(kWorkerPrefix) + std::to_string(worker_id));
  add(certificate, list.get());
}

std::optional<std::int32_t> worker_name(const X509* certificate) {
  const NamesPtr list(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  if (!list || sk_GENERAL_NAME_num(list.get()) != 1) return std::nullopt;
  int type = 0;
  const auto* const value =
      static_cast<ASN1_STRING*>(GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(list.get(), 0), &type));
  if (type != GEN_URI) return std::nullopt;
  std::string_view uri(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                       static_cast<std::size_t>(ASN1_STRING_length(value)));
  if (!uri.starts_with(kWorkerPrefix)) return std::nullopt;
  uri.remove_prefix(kWorkerPrefix.size());
  std::int32_t id = 0;
  const auto [end, error] = std::from_chars(uri.data(), uri.data() + uri.size(), id);
  if (error != std::errc{} || end != uri.data() + uri.size() || id <= 0) return std::nullopt;
  return id;
}

}  // namespace openseer::pki
