#include "app/command_line.h"

int main(int argc, char** argv) { return openseer::app::run(argc, argv); }
