#include "app/command_line.h"
namespace openseer::app { int run(int, char**) { return 2; } }
