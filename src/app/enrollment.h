#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "base/options.h"

namespace openseer::pg {
class Pool;
}
namespace openseer::pki {
class SecretBox;
}

namespace openseer::app {

// A token made directly in the database: "<secret>.<SHA-256 of the CA's
// certificate, hex>". Makes the region and the CA when they are new. Throws
// pg::Error, std::runtime_error.
boost::asio::awaitable<std::string> make_enrollment_token(pg::Pool& pool, const pki::SecretBox& secrets,
                                                          std::string region, int uses, Seconds lifetime);

// 1 to 63 of a-z, 0-9 and "-", starting with a letter.
options::Parser region_name(std::string& into);

}  // namespace openseer::app
