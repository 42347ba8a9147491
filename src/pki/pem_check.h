#pragma once

#include <string>
#include <string_view>

// Certificates and keys that people hand in, looked at before they are saved. An
// empty answer: it can be used. Else a sentence without its subject.
namespace openseer::pki {

// One certificate or more, each of which parses.
std::string certificates_fault(std::string_view pem);

// A private key without a passphrase that belongs to the first certificate.
std::string client_key_fault(std::string_view certificate_pem, std::string_view key_pem);

}  // namespace openseer::pki
