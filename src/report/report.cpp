// The table of report formats, and what several of them say.
#include "vam/report.hpp"

#include <algorithm>
#include <array>

#include "report/escape.hpp"
#include "report/writers.hpp"

namespace vam {

namespace {

constexpr std::array kWriters = {
    ReportWriter{"text", write_text},     ReportWriter{"json", write_json},
    ReportWriter{"jsonl", write_jsonl},   ReportWriter{"csv", write_csv},
    ReportWriter{"fdupes", write_fdupes}, ReportWriter{"print0", write_print0},
};

}  // namespace

std::span<const ReportWriter> report_writers() { return kWriters; }

const ReportWriter* find_report_writer(std::string_view name) {
  for (const ReportWriter& writer : kWriters) {
    if (writer.name == name) return &writer;
  }
  return nullptr;
}

std::string shown(std::string_view name, const ReportStyle& style) {
  return style.is_for_terminal ? escape_for_terminal(name) : std::string(name);
}

GroupTotals totals_of(const Report& report) {
  GroupTotals totals;
  totals.groups = report.grouping.groups.size();
  for (const Group& group : report.grouping.groups) {
    totals.files += group.members.size();
    for (std::size_t i = 0; i < group.members.size(); ++i) {
      const GroupFile file = file_of(report, group, i);
      if (!file.is_redundant()) continue;
      ++totals.redundant_files;
      totals.redundant_bytes += file.photo.size_bytes;
    }
  }
  return totals;
}

GroupFile file_of(const Report& report, const Group& group, std::size_t index) {
  const GroupMember& member = group.members[index];
  const Photo& photo = report.photos[member.photo];
  const bool is_keeper = index == 0;
  return {photo,
          report.pictures[photo.picture],
          is_keeper ? Evidence{} : member.evidence,
          is_keeper,
          member.copy_of ? &report.photos[*member.copy_of] : nullptr,
          member.is_reference,
          member.has_own_companions,
          companions_of(report, member.photo)};
}

std::span<const CompanionFile> companions_of(const Report& report,
                                             std::uint32_t photo) {
  const auto& all = report.companions;
  return {std::ranges::lower_bound(all, photo, {}, &CompanionFile::photo),
          std::ranges::upper_bound(all, photo, {}, &CompanionFile::photo)};
}

bool is_sure_copy(const GroupFile& file) {
  return file.is_redundant() && (file.copy_of != nullptr ||
                                 file.evidence.match >= MatchKind::same_image);
}

}  // namespace vam
