#pragma once

#include <optional>
#include <string>
#include <string_view>

// What may be an e-mail, a password and a name. Each returns what is wrong as a
// sentence for people, or nothing.
namespace openseer::control {

std::optional<std::string> email_fault(std::string_view email);

// At most 100 characters (Unicode code points), none of them a control character;
// a name of a workspace or a token must have one at least.
std::optional<std::string> display_name_fault(std::string_view name);
std::optional<std::string> name_fault(std::string_view name);

// Without the spaces at both ends.
std::string trimmed(std::string_view text);

// 8 to 128 characters (Unicode code points), not a common one, not the e-mail.
std::optional<std::string> password_fault(std::string_view password, std::string_view email);

// Whether it is among the passwords that are guessed first; case does not matter.
bool is_common_password(std::string_view password);

}  // namespace openseer::control
