#include "integration/local_postgres.h"

#include <cstdlib>
#include <exception>
#include <string>

namespace openseer::test {

bool another_server_is_given() {
  const char* given = std::getenv("OPENSEER_TEST_DATABASE_URL");
  return given != nullptr && *given != '\0';
}

std::string LocalPostgres::directory() const { return directory_.path() / "postgres"; }

LocalPostgres::~LocalPostgres() {
  try {
    stop();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "cannot stop PostgreSQL: %s\n", error.what());
  }
}

}  // namespace openseer::test
