// What was asked for, as reports say it and as the scan needs it.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "vam/analyze.hpp"

namespace vam {

/// Without the sources.
Settings settings_of(const AnalyzeOptions& options);

/// Kinds of files that their names tell; groups of skipped extensions.
inline constexpr std::array kNamedKinds = {
    NonPicture::video, NonPicture::document, NonPicture::sidecar};

/// With the extensions of pictures and of all these kinds.
ScanOptions scan_options_of(const AnalyzeOptions& options);

/// The kinds of these, as in Photo::companions.
std::uint8_t kinds_of(std::span<const Companion> companions);

}  // namespace vam
