// Names of stages and error codes, as reports print them.
#include "vam/error.hpp"

namespace vam {

std::string_view to_string(Stage stage) {
  switch (stage) {
    case Stage::scan:
      return "scan";
    case Stage::read:
      return "read";
    case Stage::decode:
      return "decode";
  }
  return "unknown";
}

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::missing:
      return "missing";
    case ErrorCode::unreadable:
      return "unreadable";
    case ErrorCode::changed:
      return "changed";
    case ErrorCode::not_a_picture:
      return "not_a_picture";
    case ErrorCode::unsupported:
      return "unsupported";
    case ErrorCode::too_large:
      return "too_large";
    case ErrorCode::truncated:
      return "truncated";
    case ErrorCode::corrupt:
      return "corrupt";
    case ErrorCode::bit_rot:
      return "bit_rot";
    case ErrorCode::crashed:
      return "crashed";
    case ErrorCode::timeout:
      return "timeout";
  }
  return "unknown";
}

}  // namespace vam
