// The only place that catches whatever a program throws.
#include "cli/exit.hpp"

#include <cstdio>
#include <exception>
#include <new>

#include "cli/usage_error.hpp"
#include "report/escape.hpp"
#include "vam/error.hpp"

namespace vam {

void say(const std::string& program, const std::string& text) {
  std::fprintf(stderr, "%s: %s\n", program.c_str(),
               escape_for_terminal(text).c_str());
}

ExitCode run_to_exit(const LastWords& words,
                     const std::function<ExitCode()>& work) {
  try {
    return work();
  } catch (const UsageError& error) {
    say(words.program, error.what());
    return ExitCode::usage;
  } catch (const Interrupted&) {
    say(words.program, words.interrupted);
    return ExitCode::interrupted;
  } catch (const std::bad_alloc&) {
    say(words.program, words.no_memory);
  } catch (const std::exception& error) {
    say(words.program, error.what());
  }
  return ExitCode::failed;
}

}  // namespace vam
