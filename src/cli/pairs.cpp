#include "cli/pairs.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "vam/analyze.hpp"

namespace vam {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxPairsBytes = std::size_t{256} << 20;

[[noreturn]] void refuse_pair(const std::string& name, std::size_t number,
                              const std::string& what) {
  throw FatalError(name + ": " + what + " " + std::to_string(number) +
                   " is not two paths");
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::vector<PathPair> parse_lines(std::string_view text,
                                  const std::string& name) {
  std::vector<PathPair> pairs;
  std::size_t number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    const auto paths = split(line, '\t');
    if (paths.size() != 2 || paths[0].empty() || paths[1].empty()) {
      refuse_pair(name, number, "line");
    }
    pairs.push_back({std::string(paths[0]), std::string(paths[1])});
  }
  return pairs;
}

std::vector<PathPair> parse_nul(std::string_view text,
                                const std::string& name) {
  auto paths = split(text, '\0');
  if (paths.back().empty()) paths.pop_back();
  std::vector<PathPair> pairs;
  for (std::size_t i = 0; i < paths.size(); i += 2) {
    if (i + 1 == paths.size() || paths[i].empty() || paths[i + 1].empty()) {
      refuse_pair(name, i / 2 + 1, "pair");
    }
    pairs.push_back({std::string(paths[i]), std::string(paths[i + 1])});
  }
  return pairs;
}

std::vector<PathPair> read_pairs(const std::string& file) {
  std::error_code no_file;
  const bool is_folder = fs::is_directory(file, no_file);
  std::ifstream in(file, std::ios::binary);
  if (is_folder) throw FatalError("cannot read " + file + ": it is a folder");
  if (!in.is_open()) {
    throw FatalError("cannot read " + file + ": " +
                     std::generic_category().message(errno));
  }
  std::string text;
  std::array<char, 65536> block;
  // Not by its size: it may be a pipe.
  while (in.read(block.data(), block.size()) || in.gcount() > 0) {
    text.append(block.data(), static_cast<std::size_t>(in.gcount()));
    if (text.size() > kMaxPairsBytes) throw FatalError(file + " is too large");
  }
  if (in.bad()) throw FatalError("cannot read " + file);
  return parse_pairs(text, file);
}

std::string counted_pairs(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " pair" : " pairs");
}

/// Why a pair cannot be marked; empty if it can.
std::string objection(const PathPair& pair, const Result<Digest>& first,
                      const Result<Digest>& second) {
  for (const auto& [path, content] :
       {std::pair(&pair.first, &first), std::pair(&pair.second, &second)}) {
    if (!*content) return *path + ": " + content->error().message;
  }
  if (*first != *second) return {};
  return pair.first + " and " + pair.second +
         " hold the same bytes: they cannot be different pictures";
}

/// What the files of these pairs hold. Pairs that cannot be marked are left out
/// with a warning; but each of the first `required` has to be one that can.
std::vector<DifferentPair> contents_of_pairs(Catalog& catalog,
                                             const std::vector<PathPair>& pairs,
                                             std::size_t required,
                                             Console& console) {
  std::vector<std::string> paths;
  for (const PathPair& pair : pairs) {
    paths.push_back(canonical_path(pair.first));
    paths.push_back(canonical_path(pair.second));
  }
  if (paths.empty()) return {};
  const auto contents = contents_of(catalog, paths);
  std::vector<DifferentPair> different;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto& first = contents[2 * i];
    const auto& second = contents[2 * i + 1];
    const std::string why_not = objection(pairs[i], first, second);
    if (why_not.empty()) {
      different.push_back(different_pair(*first, *second));
    } else if (i < required) {
      throw FatalError(why_not);
    } else {
      console.warning("not marked as different: " + why_not);
    }
  }
  return different;
}

void forget(Catalog& catalog, std::vector<DifferentPair> pairs,
            Console& console) {
  std::ranges::sort(pairs);
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  const std::uint64_t removed = catalog.unmark_different(pairs);
  console.message("no longer marked as different: " + counted_pairs(removed));
  if (removed < pairs.size()) {
    console.warning("never marked as different: " +
                    counted_pairs(pairs.size() - removed));
  }
}

}  // namespace

std::vector<PathPair> parse_pairs(std::string_view text,
                                  const std::string& name) {
  return text.find('\0') == std::string_view::npos ? parse_lines(text, name)
                                                   : parse_nul(text, name);
}

std::string canonical_path(const std::string& path) {
  std::error_code error;
  const fs::path canonical = fs::canonical(path, error);
  if (!error) return canonical.native();
  const fs::path absolute = fs::absolute(path, error).lexically_normal();
  return error ? path : absolute.native();
}

void change_marks(Catalog& catalog, const Options& options, Console& console) {
  std::vector<PathPair> marked = options.mark_different;
  for (const std::string& file : options.ignore_pairs) {
    std::ranges::move(read_pairs(file), std::back_inserter(marked));
  }
  const std::vector<PathPair>& unmarked = options.unmark_different;
  auto forgotten =
      contents_of_pairs(catalog, unmarked, unmarked.size(), console);
  const auto different = contents_of_pairs(
      catalog, marked, options.mark_different.size(), console);
  if (!unmarked.empty()) forget(catalog, std::move(forgotten), console);
  if (marked.empty()) return;
  catalog.mark_different(different);
  console.message("marked as different: " + counted_pairs(different.size()));
}

}  // namespace vam
