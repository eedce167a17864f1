// CSV by RFC 4180: a header, then one row for each file in a group.
#include <charconv>
#include <cmath>
#include <iterator>
#include <ostream>

#include "report/escape.hpp"
#include "report/writers.hpp"

namespace vam {

namespace {

/// Collects the cells of one row.
class Row {
 public:
  explicit Row(const ReportStyle& style) : style_(style) {}

  void add(std::string_view cell) {
    if (cells_++ > 0) text_ += ',';
    text_ += escape_for_csv(shown(cell, style_));
  }
  void add_number(std::uint64_t number) { add(std::to_string(number)); }
  /// Zero stands for a size that is not known.
  void add_size(std::uint32_t pixels) {
    add(pixels == 0 ? std::string() : std::to_string(pixels));
  }
  void write(std::ostream& out) const { out << text_ << "\r\n"; }

 private:
  const ReportStyle& style_;
  std::string text_;
  int cells_ = 0;
};

std::string four_decimals(double value) {
  if (!std::isfinite(value)) value = 0;
  char text[512];  // the longest double in this notation has 309 + 5 digits
  const auto end = std::to_chars(std::begin(text), std::end(text), value,
                                 std::chars_format::fixed, 4);
  return {std::begin(text), end.ptr};
}

void write_header(const ReportStyle& style, std::ostream& out) {
  Row row(style);
  for (const std::string_view name :
       {"group", "kind", "is_keeper", "match", "path", "size", "width",
        "height", "format", "mtime", "taken_at"}) {
    row.add(name);
  }
  for (const HashMethod& method : hash_methods()) {
    row.add(std::string(method.name) + "_distance");
  }
  for (const std::string_view name :
       {"similarity", "checksum", "keep_reason", "is_reference",
        "has_own_companions", "companions"}) {
    row.add(name);
  }
  row.write(out);
}

void write_file(const Group& group, const GroupFile& file,
                const ReportStyle& style, std::ostream& out) {
  Row row(style);
  row.add(group.id);
  row.add(to_string(group.kind));
  row.add(file.is_keeper ? "true" : "false");
  row.add(to_string(file.evidence.match));
  row.add(file.photo.path);
  row.add_number(file.photo.size_bytes);
  row.add_size(file.picture.info.width);
  row.add_size(file.picture.info.height);
  row.add(to_string(file.picture.info.format));
  row.add(format_time(file.photo.mtime_ns));
  row.add(file.picture.info.taken_at);
  for (const HashMethod& method : hash_methods()) {
    row.add(std::to_string(file.evidence.distance[index_of(method.kind)]));
  }
  row.add(four_decimals(file.evidence.similarity));
  row.add(to_hex(file.picture.digest));
  row.add(group.keep_reason);
  row.add(file.is_reference ? "true" : "false");
  row.add(file.has_own_companions ? "true" : "false");
  row.add_number(file.companions.size());
  row.write(out);
}

}  // namespace

void write_csv(const Report& report, const ReportStyle& style,
               std::ostream& out) {
  write_header(style, out);
  for (const Group& group : report.grouping.groups) {
    if (!out) return;
    for (std::size_t i = 0; i < group.members.size(); ++i) {
      write_file(group, file_of(report, group, i), style, out);
    }
  }
}

}  // namespace vam
