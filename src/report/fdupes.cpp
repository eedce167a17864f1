// Paths by lines, groups apart by an empty one: what fdupes and jdupes print.
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "report/writers.hpp"

namespace vam {
namespace {

/// Whoever reads lines would take the parts of such a name for other files.
bool is_one_line(const std::string& path) {
  return path.find('\n') == std::string::npos &&
         path.find('\0') == std::string::npos;
}

void write_lines(const Photo& stays, const std::vector<const Photo*>& copies,
                 const ReportStyle& style, std::ostream& out) {
  if (copies.empty() || !is_one_line(stays.path)) return;
  out << shown(stays.path, style) << '\n';
  for (const Photo* copy : copies) out << shown(copy->path, style) << '\n';
  out << '\n';
}

void write_group(const Report& report, const Group& group,
                 const ReportStyle& style, std::ostream& out) {
  std::vector<const Photo*> of_keeper;
  // Of members that stay, though they are only similar to the keeper.
  std::map<const Photo*, std::vector<const Photo*>> of_others;
  std::vector<const Photo*> others;
  for (std::size_t i = 0; i < group.members.size(); ++i) {
    const GroupFile file = file_of(report, group, i);
    if (!is_sure_copy(file) || !is_one_line(file.photo.path)) continue;
    if (file.evidence.match >= MatchKind::same_image) {
      of_keeper.push_back(&file.photo);
    } else {
      std::vector<const Photo*>& copies = of_others[file.copy_of];
      if (copies.empty()) others.push_back(file.copy_of);
      copies.push_back(&file.photo);
    }
  }
  write_lines(report.photos[group.keeper()], of_keeper, style, out);
  for (const Photo* stays : others) {
    write_lines(*stays, of_others[stays], style, out);
  }
}

}  // namespace

// Scripts keep the first of a group and delete the others, so look-alikes are
// never in it.
void write_fdupes(const Report& report, const ReportStyle& style,
                  std::ostream& out) {
  for (const Group& group : report.grouping.groups) {
    if (!out) return;
    write_group(report, group, style, out);
  }
}

}  // namespace vam
