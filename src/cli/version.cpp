#include "cli/version.hpp"

#include <string_view>

#include "vam/catalog.hpp"
#include "vam/decode.hpp"

namespace vam {
namespace {

void append_column(std::string& text, std::string_view cell,
                   std::size_t width) {
  text += cell;
  if (cell.size() < width) text.append(width - cell.size(), ' ');
}

struct Part {
  std::string_view name;
  std::string_view state;
  std::string library;
  std::string_view option;  ///< empty: it is always built
};

void append_line(std::string& text, const Part& part) {
  text += "  ";
  append_column(text, part.name, 11);
  append_column(text, part.state, 10);
  append_column(text, part.library, 23);
  text += part.option.empty() ? "always" : "-D ";
  text += part.option;
  text += '\n';
}

std::string library_of(const FormatSupport& format) {
  std::string library(format.library.empty() ? "none" : format.library);
  if (!format.version.empty()) library += ' ' + format.version;
  return library;
}

}  // namespace

std::string version_text() {
  std::string text = "vam-analyze " VAM_VERSION "\n\nPicture formats:\n";
  for (const FormatSupport& format : format_support()) {
    append_line(
        text, {to_string(format.format), format.is_built ? "read" : "not read",
               library_of(format), format.option});
  }
  text += "\nCatalogs:\n";
  const std::string server = server_library();
  append_line(text, {"folder", "built", "SQLite", ""});
  append_line(text, {"postgresql", server.empty() ? "not built" : "built",
                     server.empty() ? "none" : server, "VAM_POSTGRES"});
  text += "\nBuilt with " VAM_LIBRARIES "\n";
  return text;
}

}  // namespace vam
