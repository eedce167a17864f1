// vam-apply from the command line to an exit code.
#pragma once

namespace vam {

/// Runs the program once; installs signal handlers. Never throws.
int run_apply_program(int argc, char** argv);

}  // namespace vam
