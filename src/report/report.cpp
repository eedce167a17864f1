// The table of report formats, and what several of them say.
#include "vam/report.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

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

std::string format_time(std::int64_t ns_since_1970) {
  // Splitting off the second first keeps the least value from overflowing.
  constexpr std::int64_t kSecond = 1'000'000'000;
  std::int64_t fraction = ns_since_1970 % kSecond;
  std::chrono::sys_seconds second{
      std::chrono::seconds(ns_since_1970 / kSecond)};
  if (fraction < 0) {
    fraction += kSecond;
    second -= std::chrono::seconds(1);
  }
  const auto day = std::chrono::floor<std::chrono::days>(second);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(second - day);
  // 64 bits of nanoseconds reach from 1677 to 2262.
  char text[64];
  std::snprintf(
      text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%09dZ",
      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
      static_cast<int>(time.minutes().count()),
      static_cast<int>(time.seconds().count()), static_cast<int>(fraction));
  return text;
}

}  // namespace vam
