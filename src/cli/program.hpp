// From the command line to an exit code.
#pragma once

namespace vam {

/// Exit codes, documented and stable.
enum class ExitCode : int {
  done = 0,
  failed = 1,        ///< nothing trustworthy was produced
  usage = 2,         ///< wrong usage
  files_failed = 3,  ///< done, but files could not be read (--strict)
  duplicates = 11,   ///< done, and duplicates were found (--exit-code)
  interrupted = 130  ///< what was finished is in the catalog
};

/// Runs the program once; installs signal handlers. Never throws.
int run_program(int argc, char** argv);

}  // namespace vam
