#pragma once

#include <optional>
#include <string>
#include <vector>

#include <re2/re2.h>

#include <boost/json/value.hpp>

#include "domain/assertion.h"
#include "domain/jsonpath.h"
#include "domain/network.h"

// Only domain/assertion*.cpp include it.
namespace openseer::domain {

// What an assertion compares with, as its source and comparison read it.
struct ReadyAssertion::Target {
  std::string text;
  double number = 0;                       // of comparisons by number
  std::unique_ptr<const re2::RE2> regex;   // of kMatches, kNotMatches
  std::optional<JsonPath> path;            // of kJson: the property
  std::optional<boost::json::value> json;  // of kJson: the text, where it is JSON
  std::vector<std::string> list;           // of kIn
  std::vector<StatusRange> statuses;       // of kStatus
  std::vector<Network> networks;           // of kRemoteAddress
};

bool is_negative(Comparison comparison);  // holds for what is absent
bool is_numeric(Comparison comparison);   // less than, ...
bool is_number(Source source);            // a time, a size, days
std::string_view unit_of(Source source);  // " ms", " bytes" or nothing

}  // namespace openseer::domain
