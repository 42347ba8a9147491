#include "probe/dns/reply.h"

#include <algorithm>

namespace openseer::probe::dns {
namespace {

constexpr std::size_t kHeader = 12;
constexpr std::size_t kMaxAddresses = 32;
constexpr std::uint16_t kTypeA = 1;
constexpr std::uint16_t kTypeCname = 5;
constexpr std::uint16_t kTypeSoa = 6;
constexpr std::uint16_t kTypeAaaa = 28;
constexpr std::uint16_t kClassInternet = 1;

// Reads big-endian fields; once it has run out it only says so.
class Reader {
 public:
  explicit Reader(std::span<const unsigned char> bytes) : bytes_(bytes) {}

  bool failed() const { return failed_; }
  std::size_t at() const { return at_; }

  void skip(std::size_t count) {
    if (count > bytes_.size() - at_) {
      failed_ = true;
      at_ = bytes_.size();
    } else {
      at_ += count;
    }
  }
  std::span<const unsigned char> take(std::size_t count) {
    const std::size_t from = at_;
    skip(count);
    return failed_ ? std::span<const unsigned char>{} : bytes_.subspan(from, count);
  }
  std::uint32_t number(std::size_t bytes) {
    std::uint32_t value = 0;
    for (const unsigned char byte : take(bytes)) value = value << 8 | byte;
    return value;
  }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return number(4); }

  // A name's own bytes; where a pointer leads does not matter here.
  void skip_name() {
    while (!failed_) {
      const std::uint32_t length = number(1);
      if (length == 0) return;
      if ((length & 0xc0) == 0xc0) return skip(1);
      if ((length & 0xc0) != 0) failed_ = true;
      skip(length);
    }
  }

 private:
  std::span<const unsigned char> bytes_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

struct Record {
  std::uint16_t type = 0;
  std::uint16_t klass = 0;
  std::uint32_t ttl = 0;
  std::span<const unsigned char> data;
};

Record read_record(Reader& reader) {
  Record record;
  reader.skip_name();
  record.type = reader.u16();
  record.klass = reader.u16();
  record.ttl = reader.u32();
  if (record.ttl > 0x7fffffff) record.ttl = 0;  // RFC 2181, section 8
  record.data = reader.take(reader.u16());
  return record;
}

std::string rcode_name(unsigned rcode) {
  switch (rcode) {
    case 1:
      return "FORMERR";
    case 2:
      return "SERVFAIL";
    case 4:
      return "NOTIMP";
    case 5:
      return "REFUSED";
    default:
      return "response code " + std::to_string(rcode);
  }
}

boost::asio::ip::address address_of(const Record& record) {
  if (record.type == kTypeA) {
    boost::asio::ip::address_v4::bytes_type bytes;
    std::ranges::copy(record.data, bytes.begin());
    return boost::asio::ip::address_v4(bytes);
  }
  boost::asio::ip::address_v6::bytes_type bytes;
  std::ranges::copy(record.data, bytes.begin());
  return boost::asio::ip::address_v6(bytes);
}

// How long a name's absence may be kept: the lesser of the SOA's own TTL and its
// MINIMUM, its last field (RFC 2308, section 5).
Seconds negative_ttl(Reader& reader, unsigned authorities) {
  for (unsigned i = 0; i < authorities && !reader.failed(); ++i) {
    const Record record = read_record(reader);
    if (record.type != kTypeSoa || record.data.size() < 20) continue;
    Reader minimum(record.data.last(4));
    return Seconds{std::min(record.ttl, minimum.u32())};
  }
  return Seconds{0};
}

Answer malformed() { return {Outcome::kServerFailure, {}, Seconds{0}, "an answer that cannot be read"}; }

}  // namespace

Answer read_reply(std::span<const unsigned char> message, Family family) {
  if (message.size() < kHeader) return malformed();
  Reader reader(message);
  reader.skip(2);
  const std::uint16_t flags = reader.u16();
  const unsigned questions = reader.u16();
  const unsigned answers = reader.u16();
  const unsigned authorities = reader.u16();
  reader.skip(2);
  for (unsigned i = 0; i < questions && !reader.failed(); ++i) {
    reader.skip_name();
    reader.skip(4);
  }
  const unsigned rcode = flags & 0xfU;
  if (rcode != 0 && rcode != 3) return {Outcome::kServerFailure, {}, Seconds{0}, rcode_name(rcode)};

  const std::uint16_t wanted = family == Family::kIpv4 ? kTypeA : kTypeAaaa;
  const std::size_t size = family == Family::kIpv4 ? 4 : 16;
  Answer answer;
  std::uint32_t ttl = 0x7fffffff;
  for (unsigned i = 0; i < answers && !reader.failed(); ++i) {
    const Record record = read_record(reader);
    if (record.klass != kClassInternet) continue;
    if (record.type == kTypeCname) ttl = std::min(ttl, record.ttl);
    if (record.type != wanted || record.data.size() != size) continue;
    ttl = std::min(ttl, record.ttl);
    if (answer.addresses.size() < kMaxAddresses) answer.addresses.push_back(address_of(record));
  }
  if (reader.failed()) return malformed();
  if (!answer.addresses.empty()) {
    answer.outcome = Outcome::kFound;
    answer.ttl = Seconds{ttl};
    return answer;
  }
  answer.outcome = rcode == 3 ? Outcome::kNotFound : Outcome::kNoAddress;
  answer.ttl = std::min(negative_ttl(reader, authorities), Seconds{ttl});
  return answer;
}

}  // namespace openseer::probe::dns
