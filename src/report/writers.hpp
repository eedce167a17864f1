// The report writers, one per output format, and the fields they share.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>

#include "vam/report.hpp"

namespace vam {

void write_text(const Report& report, const ReportStyle& style,
                std::ostream& out);
void write_json(const Report& report, const ReportStyle& style,
                std::ostream& out);
void write_jsonl(const Report& report, const ReportStyle& style,
                 std::ostream& out);
void write_csv(const Report& report, const ReportStyle& style,
               std::ostream& out);
void write_print0(const Report& report, const ReportStyle& style,
                  std::ostream& out);

void write_fdupes(const Report& report, const ReportStyle& style,
                  std::ostream& out);

/// A name as it is or, for a terminal, with what that would obey made visible.
std::string shown(std::string_view name, const ReportStyle& style);

/// A member of a group, with all that is known about it.
struct GroupFile {
  const Photo& photo;
  const Picture& picture;
  Evidence evidence;  ///< against the keeper; the keeper's own: exact
  bool is_keeper;
  const Photo* copy_of;  ///< a member with the same bytes that stays, or null
  bool is_reference;
  bool has_own_companions;
  std::span<const CompanionFile> companions;

  /// Whether a user who trusts the match would delete the file.
  bool is_redundant() const {
    return !is_keeper && !is_reference && !has_own_companions;
  }
};

/// Those of one photo.
std::span<const CompanionFile> companions_of(const Report& report,
                                             std::uint32_t photo);

/// `index` counts the members of the group; the first one is the keeper.
GroupFile file_of(const Report& report, const Group& group, std::size_t index);

/// Whether deleting the file loses no picture, if the files for which this is
/// false stay: surely a copy of the keeper, or byte for byte one of another.
bool is_sure_copy(const GroupFile& file);

/// The stages of a run with these settings, in their order.
std::span<const RunStage> stages_of(const Settings& settings);

/// 0 if nothing was done or no time was measured.
double per_second(std::uint64_t count, const StageCost& cost);

/// A table of the stages, and the bottleneck in words.
void write_text_stats(const Report& report, std::ostream& out);

/// "98.7 % alike, dhash 3, ahash 1; crop, tone; turned".
std::string evidence_in_words(const Evidence& evidence, bool verified,
                              std::span<const HashKind> methods);

}  // namespace vam
