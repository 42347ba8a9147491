#pragma once

#include <string>
#include <string_view>

namespace openseer::http {

// The Content-Security-Policy of a page: only its own origin, and of the inline
// scripts exactly those that `html` holds, by hash (CSP Level 3).
std::string page_policy(std::string_view html);

}  // namespace openseer::http
