// NUL-terminated paths of the copies that a script may delete.
#include <ostream>

#include "report/writers.hpp"

namespace vam {

// Scripts delete what this prints, so look-alikes are never in it.
void write_print0(const Report& report, const ReportStyle& style,
                  std::ostream& out) {
  for (const Group& group : report.grouping.groups) {
    if (!out) return;
    for (std::size_t i = 0; i < group.members.size(); ++i) {
      const GroupFile file = file_of(report, group, i);
      const std::string& path = file.photo.path;
      if (!is_sure_copy(file)) continue;
      // No file system has such a name, and the part before the NUL could be
      // another file.
      if (path.empty() || path.find('\0') != std::string::npos) continue;
      out << shown(path, style) << '\0';
    }
  }
}

}  // namespace vam
