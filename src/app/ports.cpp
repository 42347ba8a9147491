#include "app/ports.h"

#include <stdexcept>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace openseer::app {

namespace asio = boost::asio;

std::string port_problem(const Port& port, const std::string& why) {
  const std::string number = std::to_string(port.number);
  return "port " + number + " " + why + "; choose another with " + port.option + " or " + port.variable;
}

void check_free(const Port& port) {
  asio::io_context context;
  asio::ip::tcp::acceptor acceptor(context);
  const asio::ip::tcp::endpoint endpoint(asio::ip::make_address(port.address), port.number);
  boost::system::error_code error;
  acceptor.open(endpoint.protocol(), error);
  acceptor.set_option(asio::socket_base::reuse_address(true), error);
  acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(1, error);
  if (!error) return;
  if (error == asio::error::address_in_use) throw std::runtime_error(port_problem(port, "is in use"));
  throw std::runtime_error(
      port_problem(port, "on " + port.address + " cannot be used (" + error.message() + ")"));
}

}  // namespace openseer::app
