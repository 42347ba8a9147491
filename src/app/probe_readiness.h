#pragma once

#include <cstdint>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace openseer::app {

// Whether GET /readyz answers 200, within a second.
boost::asio::awaitable<bool> is_ready(boost::asio::any_io_executor executor, std::string address,
                                      std::uint16_t port);

}  // namespace openseer::app
