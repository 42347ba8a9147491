#pragma once

#include <string>
#include <vector>

namespace openseer::cli {

// `openseer check`: runs the workers' probe from the command line. The process's
// exit code: 0 every check was ok (or degraded), 1 one failed, 2 the command line
// is wrong.
int check(const std::vector<std::string>& arguments);

}  // namespace openseer::cli
