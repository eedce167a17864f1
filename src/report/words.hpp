// How reports for people put numbers; the same in every locale.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace vam {

/// 12,345.
std::string grouped(std::uint64_t number);

/// "1 file", "2 files".
std::string counted(std::uint64_t number, std::string_view noun);

/// "512 bytes", "3.9 MiB".
std::string human_size(std::uint64_t bytes);

/// With this many decimals; "?" for what is no number.
std::string fixed(double number, int decimals);

/// Filled up with spaces.
std::string padded(std::string_view text, std::size_t width);

}  // namespace vam
