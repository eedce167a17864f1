// What a page is made of: the files beside this one, which are built into the
// program, and the data that they show.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "vam/report.hpp"

namespace vam {

/// Near the beginning of every file of a page that this program wrote; files
/// without it are somebody else's.
inline constexpr std::string_view kPageMark = "vam-analyze page";

struct PageFile {
  std::string_view name;
  std::string_view content;
};

/// Those beside this one that are the same on every page, index.html first.
std::span<const PageFile> page_files();

/// The thumbnail of this content, relative to the page.
std::string thumbnail_name(const Digest& digest);

/// The URL of a file by its absolute path, whatever its bytes.
std::string file_url(std::string_view path);

/// Writes the script that hands the report to the page, in pieces: ASCII only,
/// and no '<', so that it could stand anywhere.
void write_page_data(const Report& report,
                     const std::function<bool(const Digest&)>& has_thumbnail,
                     const std::function<void(std::string_view)>& write);

}  // namespace vam
