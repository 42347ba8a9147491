#pragma once

#include <string_view>

// Pieces of header values (RFC 9110, section 5.6). Pure.
namespace openseer::probe::http {

// Without spaces and tabs at either end.
std::string_view trim(std::string_view text);

// Takes the next element off a list separated by `separator`, trimmed; may be empty.
// Quoted strings are not looked into.
std::string_view next_in_list(std::string_view& list, char separator = ',');

// RFC 9110's tchar, one or more.
bool is_token(std::string_view text);

}  // namespace openseer::probe::http
