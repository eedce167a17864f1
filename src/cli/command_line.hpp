// The arguments of a program, split into options and paths.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

namespace vam {

/// Throws UsageError: "<what>; see --help".
[[noreturn]] void refuse(const std::string& what);
[[noreturn]] void refuse(const CLI::Option& option, const std::string& what);

/// Options by name, without meaning: a program derives its own. The only user
/// of CLI11, which splits the command line and no more: it would convert values
/// by rules of its own (octal numbers, "[a,b]" as a list, "{}" as nothing), and
/// a path may look like any of them.
class CommandLine {
  /// Without the help option that CLI11 makes itself. Paths are "extras": its
  /// positionals would read "[2020]" as a list.
  struct App : CLI::App {
    App() {
      set_help_flag();
      allow_extras();
    }
  };

 public:
  App app;
  CLI::Option* help = add_flag("-h,--help");
  CLI::Option* version = add_flag("--version");

  /// Splits the arguments and returns the paths among them.
  std::vector<std::string> split(int argc, const char* const* argv);

  /// All options, with their dashes.
  std::vector<std::string> names() const;

 protected:
  /// Takes one argument each time it is given.
  CLI::Option* add_list(const std::string& names);
  /// Takes two arguments each time it is given.
  CLI::Option* add_pairs(const std::string& names);
  /// The last one counts.
  CLI::Option* add_value(const std::string& names);
  CLI::Option* add_flag(const std::string& names);
};

/// The value, if the option was given.
std::optional<std::string> value_of(const CLI::Option& option);
std::vector<std::string> values_of(const CLI::Option& option);

/// The names of the rows of a table: "text, json, csv".
template <class Table>
std::string names_of(const Table& table) {
  std::string names;
  for (const auto& row : table) {
    if (!names.empty()) names += ", ";
    names += row.name;
  }
  return names;
}

}  // namespace vam
