#pragma once

#include <cstdint>
#include <string>

namespace openseer::app {

// Where something listens, and which setting says so.
struct Port {
  std::string address;  // numeric
  std::uint16_t number = 0;
  std::string option;    // "--http-port"
  std::string variable;  // "OPENSEER_HTTP_PORT"
};

// Throws std::runtime_error that names the port and its setting when it cannot
// be listened on now.
void check_free(const Port& port);
// The same words, for when listening itself failed.
std::string port_problem(const Port& port, const std::string& why);

}  // namespace openseer::app
