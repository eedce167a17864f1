#include "cli/version.hpp"

#include <string_view>

#include "vam/decode.hpp"

namespace vam {
namespace {

void append_column(std::string& text, std::string_view cell,
                   std::size_t width) {
  text += cell;
  if (cell.size() < width) text.append(width - cell.size(), ' ');
}

}  // namespace

std::string version_text() {
  std::string text = "vam-analyze " VAM_VERSION "\n\nPicture formats:\n";
  for (const FormatSupport& format : format_support()) {
    text += "  ";
    append_column(text, to_string(format.format), 6);
    append_column(text, format.is_built ? "read" : "not read", 10);
    append_column(text, format.library.empty() ? "none" : format.library, 15);
    text += format.option.empty() ? "always" : "-D ";
    text += format.option;
    text += '\n';
  }
  return text;
}

}  // namespace vam
