#include "integration/local_postgres.h"

#include <exception>
#include <string>

namespace openseer::test {

std::string LocalPostgres::directory() const { return directory_.path() / "postgres"; }

LocalPostgres::~LocalPostgres() {
  try {
    stop();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "cannot stop PostgreSQL: %s\n", error.what());
  }
}

}  // namespace openseer::test
