// How a program ends: the exit codes, and the line that says why.
#pragma once

#include <functional>
#include <string>

namespace vam {

/// Exit codes, documented and stable.
enum class ExitCode : int {
  done = 0,
  failed = 1,        ///< nothing trustworthy was produced
  usage = 2,         ///< wrong usage
  files_failed = 3,  ///< done, but files could not be read (--strict)
  duplicates = 11,   ///< done, and duplicates were found (--exit-code)
  interrupted = 130  ///< what was finished is kept
};

/// One line on stderr, before there is a console or without one.
void say(const std::string& program, const std::string& text);

/// What a program says when it cannot go on.
struct LastWords {
  std::string program;
  std::string interrupted;
  std::string no_memory;
};

/// Does the work of a program. Whatever it throws is told in one line, and
/// becomes the exit code.
ExitCode run_to_exit(const LastWords& words,
                     const std::function<ExitCode()>& work);

}  // namespace vam
