#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <google/protobuf/message.h>

#include "base/refusal.h"
#include "http/server.h"

// What the Connect protocol puts on the wire. Pure functions over bytes.
namespace openseer::http {

enum class Codec { kJson, kProto };

struct ContentType {
  Codec codec = Codec::kJson;
  bool stream = false;
};

// Empty for anything but the four types of the protocol. Parameters are ignored.
std::optional<ContentType> parse_content_type(std::string_view header);
std::string content_type_name(ContentType type);

// Reads `bytes` into `message`. InvalidArgument for what does not parse; an
// unknown JSON field and a value of the wrong type are violations that name it.
Result<void> decode(std::string_view bytes, Codec codec, google::protobuf::Message& message);
std::string encode(const google::protobuf::Message& message, Codec codec);

// Envelopes: one byte of flags, four of length (big-endian), the payload.
inline constexpr unsigned char kCompressed = 1;
inline constexpr unsigned char kEndStream = 2;
std::string envelope(unsigned char flags, std::string_view payload);
// The last envelope of a stream, with how it ended.
std::string end_stream(const Result<void>& outcome);

// The request message's bytes: out of the body of a unary call, or out of the
// one envelope of a stream, decompressed to at most `limit` bytes.
Result<std::string> request_payload(const Request& request, ContentType type, std::size_t limit);

// When the caller stops waiting, by Connect-Timeout-Ms: empty without it.
Result<std::optional<Milliseconds>> request_timeout(const Headers& headers);

}  // namespace openseer::http
