// A search that all processes of a catalog share: each finds the matches of
// some pictures, and takes those of the others from their answers.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyze/matching.hpp"
#include "vam/catalog.hpp"
#include "vam/group.hpp"

namespace vam {

/// The same for searches in which a finder of make_finder() gives the same
/// answers, pairs that were marked as different left aside.
Digest search_key(const MatchInput& input, Ways ways,
                  const AnalyzeOptions& options);

/// Whether others may join a search.
enum class Company : bool { none, possible };

/// Finds what `finder` finds, together with all processes that have joined the
/// search of this key. They need not ask for the same pictures: of what nobody
/// else asks, each finds all. Where nobody else can come, answers are as long
/// as those of `finder`, and are written down for nobody. What `input` views
/// must outlive it.
std::unique_ptr<MatchFinder> make_shared_finder(
    std::unique_ptr<MatchFinder> finder, SearchQueue& queue, Company company,
    const Digest& key, const MatchInput& input);

/// The matches of some pictures, each as MatchFinder::find() gives them.
using Answers = std::vector<std::vector<Match>>;

/// As bytes, the same on all machines; nothing is lost.
std::string written(const Answers& answers);
/// Of what written() gave about the first of these pictures, or all; none of
/// anything else. There are so many pictures that can be found.
std::optional<Answers> read_answers(std::string_view bytes,
                                    std::span<const std::uint32_t> pictures,
                                    std::size_t picture_count);

}  // namespace vam
