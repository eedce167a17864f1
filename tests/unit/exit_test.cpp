#include "cli/exit.hpp"

#include <new>
#include <stdexcept>

#include "catch.hpp"
#include "cli/usage_error.hpp"
#include "vam/error.hpp"

using namespace vam;

namespace {

template <class Work>
ExitCode exit_of(Work work) {
  return run_to_exit({"a test", "interrupted", "not enough memory"}, work);
}

template <class Thrown>
ExitCode exit_by(const Thrown& thrown) {
  return exit_of([&]() -> ExitCode { throw thrown; });
}

}  // namespace

TEST_CASE("exit: what a program throws becomes its exit code") {
  CHECK(exit_of([] { return ExitCode::duplicates; }) == ExitCode::duplicates);
  CHECK(exit_by(UsageError("no such option")) == ExitCode::usage);
  CHECK(exit_by(Interrupted()) == ExitCode::interrupted);
  CHECK(exit_by(FatalError("the disk is full")) == ExitCode::failed);
  CHECK(exit_by(std::bad_alloc()) == ExitCode::failed);
  CHECK(exit_by(std::runtime_error("whatever else")) == ExitCode::failed);
}
