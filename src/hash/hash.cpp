// The table of hash kinds.
#include "vam/hash.hpp"

#include <array>

#include "hash/kinds.hpp"

namespace vam {
namespace {

constexpr std::array<HashMethod, kHashKinds> kMethods = {{
    {HashKind::dhash, "dhash", dhash},
    {HashKind::ahash, "ahash", ahash},
    {HashKind::whash, "whash", whash},
}};

}  // namespace

std::span<const HashMethod, kHashKinds> hash_methods() { return kMethods; }

std::optional<HashKind> hash_kind_of(std::string_view name) {
  for (const HashMethod& method : kMethods) {
    if (method.name == name) return method.kind;
  }
  return std::nullopt;
}

HashSet compute_hashes(const Reductions& upright) {
  HashSet hashes{};
  for (const HashMethod& method : kMethods) {
    hashes[index_of(method.kind)] = method.compute(upright);
  }
  return hashes;
}

std::string to_hex(Hash hash) {
  std::string hex(16, '0');
  for (auto digit = hex.rbegin(); digit != hex.rend(); ++digit, hash >>= 4) {
    *digit = "0123456789abcdef"[hash & 15];
  }
  return hex;
}

}  // namespace vam
