// What is wrong with a command line.
#pragma once

#include <stdexcept>

namespace vam {

/// The command line makes no sense: exit code 2. The message names the option
/// and what is wrong with it; it may hold raw bytes of the command line.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace vam
