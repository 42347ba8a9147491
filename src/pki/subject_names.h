#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pki/openssl.h"

// Subject alternative names (RFC 5280, 4.2.1.6), built as structures: no name
// ever passes through OpenSSL's configuration syntax.
namespace openseer::pki {

// DNS names and numeric addresses, told apart by their form.
void add_server_names(X509* certificate, const std::vector<std::string>& names);
// URI:openseer://worker/<id>
void add_worker_name(X509* certificate, std::int32_t worker_id);
// The id from the only name of `certificate`, if it is that URI.
std::optional<std::int32_t> worker_name(const X509* certificate);

}  // namespace openseer::pki
