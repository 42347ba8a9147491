#pragma once

#include <string>
#include <string_view>

#include "base/refusal.h"

// Refusals as the Connect protocol says them.
namespace openseer::http {

// "invalid_argument" and 400, as the protocol maps them.
std::string_view code_name(Code code);
int http_status(Code code);

// {"code": ..., "message": ..., "details": [google.rpc.BadRequest]}
std::string error_json(const Refusal& refusal);

// What a message of protobuf's JSON parser means to the caller: which field is
// unknown or has a wrong value, or where the text is not JSON.
Refusal json_refusal(std::string_view parser_message);

}  // namespace openseer::http
