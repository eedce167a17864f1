// From the command line to an exit code.
#pragma once

namespace vam {

/// Runs the program once; installs signal handlers. Never throws.
int run_program(int argc, char** argv);

}  // namespace vam
