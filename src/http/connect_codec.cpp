#include "http/connect_codec.h"

#include <google/protobuf/util/json_util.h>

#include "http/compression.h"
#include "http/connect_error.h"
#include "http/fields.h"

namespace openseer::http {
namespace {

Refusal malformed(std::string message) { return {Code::kInvalidArgument, std::move(message), {}}; }

Result<std::string> decompressed(std::string_view bytes, std::size_t limit) {
  GunzipError error{};
  std::optional<std::string> plain = gunzip(bytes, limit, error);
  if (plain) return std::move(*plain);
  if (error == GunzipError::kTooLarge) {
    return Refusal{
        Code::kResourceExhausted, "the request is larger than " + std::to_string(limit) + " bytes", {}};
  }
  return malformed("the request is not valid gzip");
}

// Whether `coding` names gzip; false for none.
Result<bool> is_gzip(std::string_view coding) {
  if (coding.empty() || same_name(coding, "identity")) return false;
  if (same_name(coding, "gzip")) return true;
  return Refusal{Code::kUnimplemented, "unknown compression; supported: gzip, identity", {}};
}

Result<std::string> stream_payload(std::string_view body, bool gzip_declared, std::size_t limit) {
  constexpr std::size_t kPrefix = 5;
  if (body.size() < kPrefix) return malformed("the request has no envelope");
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(body[i]));
  };
  const std::uint32_t length = byte(1) << 24 | byte(2) << 16 | byte(3) << 8 | byte(4);
  if (length != body.size() - kPrefix) return malformed("the request must be exactly one envelope");
  const std::string_view payload = body.substr(kPrefix);
  if (byte(0) == 0) return std::string(payload);
  if (byte(0) != kCompressed || !gzip_declared) return malformed("the envelope's flags are not valid");
  return decompressed(payload, limit);
}

}  // namespace

std::optional<ContentType> parse_content_type(std::string_view header) {
  const std::string_view type = next_element(header, ';');
  if (same_name(type, "application/json")) return ContentType{Codec::kJson, false};
  if (same_name(type, "application/proto")) return ContentType{Codec::kProto, false};
  if (same_name(type, "application/connect+json")) return ContentType{Codec::kJson, true};
  if (same_name(type, "application/connect+proto")) return ContentType{Codec::kProto, true};
  return std::nullopt;
}

std::string content_type_name(ContentType type) {
  return std::string("application/") + (type.stream ? "connect+" : "") +
         (type.codec == Codec::kJson ? "json" : "proto");
}

Result<void> decode(std::string_view bytes, Codec codec, google::protobuf::Message& message) {
  if (codec == Codec::kProto) {
    if (message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return {};
    return malformed("the request is not a valid " + message.GetDescriptor()->full_name());
  }
  const auto status = google::protobuf::util::JsonStringToMessage({bytes.data(), bytes.size()}, &message);
  if (status.ok()) return {};
  return json_refusal({status.message().data(), status.message().size()});
}

std::string encode(const google::protobuf::Message& message, Codec codec) {
  std::string bytes;
  if (codec == Codec::kProto) {
    message.SerializeToString(&bytes);
    return bytes;
  }
  const auto status = google::protobuf::util::MessageToJsonString(message, &bytes);
  if (!status.ok())
    throw std::runtime_error("no JSON for " + message.GetTypeName() + ": " + status.ToString());
  return bytes;
}

std::string envelope(unsigned char flags, std::string_view payload) {
  const auto length = static_cast<std::uint32_t>(payload.size());
  std::string bytes;
  bytes.reserve(payload.size() + 5);
  bytes += static_cast<char>(flags);
  for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(length >> shift & 0xFF);
  bytes.append(payload);
  return bytes;
}

std::string end_stream(const Result<void>& outcome) {
  return envelope(kEndStream, outcome ? "{}" : "{\"error\":" + error_json(outcome.error()) + "}");
}

Result<std::string> request_payload(const Request& request, ContentType type, std::size_t limit) {
  const auto gzip =
      is_gzip(request.headers.get(type.stream ? "Connect-Content-Encoding" : "Content-Encoding"));
  if (!gzip) return gzip.error();
  if (type.stream) return stream_payload(request.body, *gzip, limit);
  if (*gzip) return decompressed(request.body, limit);
  return request.body;
}

Result<std::optional<Milliseconds>> request_timeout(const Headers& headers) {
  const std::string_view text = headers.get("Connect-Timeout-Ms");
  if (text.empty()) return std::optional<Milliseconds>{};
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || end != text.data() + text.size() || text.size() > 10) {
    return malformed("Connect-Timeout-Ms must be at most ten digits");
  }
  return std::optional(Milliseconds(count));
}

}  // namespace openseer::http
