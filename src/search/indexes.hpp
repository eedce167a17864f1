// The search indexes, one per file.
#pragma once

#include <memory>

#include "vam/search.hpp"

namespace vam {

std::unique_ptr<SearchIndex> make_auto_index(int threads);
std::unique_ptr<SearchIndex> make_flat_index(int threads);
std::unique_ptr<SearchIndex> make_scan_index(int threads);
std::unique_ptr<SearchIndex> make_bands_index(int threads);

}  // namespace vam
