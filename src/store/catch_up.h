#pragma once

#include <cstdint>

#include <boost/asio/awaitable.hpp>

namespace openseer::pg {
class Pool;
}

namespace openseer::store {

namespace asio = boost::asio;

// For when a region is served again after nobody did: what has come due
// meanwhile comes due again spread over as long a time as nobody served it (at
// most a job's interval, and five minutes), beside what is due then anyway. So no
// second sees more than twice the usual checks. In a region that others serve it
// changes nothing.
asio::awaitable<void> spread_overdue(pg::Pool& pool, std::int16_t region_id);

}  // namespace openseer::store
