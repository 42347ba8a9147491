#pragma once

namespace openseer::app {

// Chooses and runs the subcommand; the process's exit code: 0 done, 1 failed,
// 2 the command line or the environment is wrong.
int run(int argc, char** argv);

}  // namespace openseer::app
