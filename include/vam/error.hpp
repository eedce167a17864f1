// What can go wrong: with one file, which is a value and is reported, or with
// the whole run, which is one exception caught in main.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace vam {

/// Where in the pipeline a file failed. The names are part of the report.
enum class Stage : std::uint8_t { scan, read, decode };

/// Why a file failed. Names and numbers are persisted in the catalog and
/// printed in reports: never change the meaning of an existing value.
enum class ErrorCode : std::uint8_t {
  missing = 1,        ///< the path is not there (any more)
  unreadable = 2,     ///< the system refused: permission, I/O error
  changed = 3,        ///< the file changed between the scan and the read
  not_a_picture = 4,  ///< no known picture format begins like this
  unsupported = 5,    ///< a picture, but this build has no decoder for it
  too_large = 6,      ///< over a limit on bytes, pixels or memory
  truncated = 7,      ///< the data end before the picture does
  corrupt = 8,        ///< the data contradict their own format
  bit_rot = 9,        ///< the bytes changed, though size and time did not
  crashed = 10,       ///< the decoder died of it
  timeout = 11,       ///< over the limit on processor time
};

struct Error {
  ErrorCode code = ErrorCode::unreadable;
  std::string message;  ///< one line for people; may hold raw bytes

  bool operator==(const Error&) const = default;
};

/// The outcome of work on one file.
template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

/// A file that could not be used, as the report names it.
struct FileProblem {
  std::string path;  ///< absolute, raw bytes
  Stage stage = Stage::scan;
  Error error;
};

std::string_view to_string(Stage stage);
std::string_view to_string(ErrorCode code);

/// The run cannot go on. The message is one line that says what happened and
/// what the user can do about it.
class FatalError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The user asked to stop (SIGINT, SIGTERM). Work done is in the catalog.
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("interrupted") {}
};

}  // namespace vam
