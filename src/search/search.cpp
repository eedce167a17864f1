// The table of search indexes.
#include "vam/search.hpp"

#include <algorithm>
#include <array>

#include "search/indexes.hpp"

namespace vam {
namespace {

constexpr std::array kMethods = {
    IndexMethod{IndexKind::auto_choice, "auto", make_auto_index},
    IndexMethod{IndexKind::flat, "flat", make_flat_index},
    IndexMethod{IndexKind::scan, "scan", make_scan_index},
    IndexMethod{IndexKind::bands, "bands", make_bands_index},
};

}  // namespace

std::span<const IndexMethod> index_methods() { return kMethods; }

std::optional<IndexKind> index_kind_of(std::string_view name) {
  const auto* const found =
      std::ranges::find(kMethods, name, &IndexMethod::name);
  if (found == kMethods.end()) return std::nullopt;
  return found->kind;
}

std::unique_ptr<SearchIndex> make_index(IndexKind kind, int threads) {
  return std::ranges::find(kMethods, kind, &IndexMethod::kind)->make(threads);
}

}  // namespace vam
