#pragma once

#include <string_view>

// Reading header fields (RFC 9110), shared by the parser, the static files and
// the Connect codec.
namespace openseer::http {

// Without regard to ASCII case.
bool same_name(std::string_view a, std::string_view b);

// Without spaces and tabs at both ends.
std::string_view trimmed(std::string_view value);

// Cuts the next element, trimmed, off a `separator`-separated list.
std::string_view next_element(std::string_view& list, char separator = ',');

// Whether an Accept-Encoding value (or Connect-Accept-Encoding) allows `coding`
// by name and not with q=0.
bool accepts_coding(std::string_view accept_encoding, std::string_view coding);

}  // namespace openseer::http
