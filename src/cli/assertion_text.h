#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "domain/monitor.h"

// Assertions as a person types them: SUBJECT OPERATOR [VALUE], such as
//
//   status in 200-299,304        header content-type contains json
//   json $.status = ok           body matches "build [0-9]+"
//   total < 500ms                warn: certificate-days > 14
namespace openseer::cli {

// The assertion, or what is wrong with `text` as a sentence without its subject.
// What a person cannot know to be wrong here (a broken regular expression) is
// domain::validate's to find.
std::variant<domain::Assertion, std::string> parse_assertion(std::string_view text);

}  // namespace openseer::cli
