#include "cli/command_line.hpp"

#include <utility>

#include "cli/usage_error.hpp"

namespace vam {

void refuse(const std::string& what) {
  throw UsageError(what + "; see --help");
}

void refuse(const CLI::Option& option, const std::string& what) {
  refuse(option.get_name() + ": " + what);
}

CLI::Option* CommandLine::add_list(const std::string& names) {
  return app.add_option(names, CLI::callback_t())
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

CLI::Option* CommandLine::add_pairs(const std::string& names) {
  return add_list(names)->type_size(2);
}

CLI::Option* CommandLine::add_value(const std::string& names) {
  return add_list(names)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

CLI::Option* CommandLine::add_flag(const std::string& names) {
  return app.add_flag(names)->disable_flag_override()->multi_option_policy(
      CLI::MultiOptionPolicy::TakeAll);
}

std::vector<std::string> CommandLine::split(int argc, const char* const* argv) {
  std::vector<std::string> reversed;  // as CLI11 wants them
  for (int i = argc - 1; i > 0; --i) reversed.emplace_back(argv[i]);
  for (auto it = reversed.rbegin(); it != reversed.rend(); ++it) {
    if (*it == "--") break;
    // CLI11 would take the next argument for the value.
    if (it->starts_with("--") && it->find('=') + 1 == it->size()) {
      refuse(it->substr(0, it->size() - 1) + ": the value is missing");
    }
  }
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string text = error.what();
    if (text.ends_with("flag override")) {
      refuse("--" + text.substr(0, text.find(' ')) + ": takes no value");
    }
    refuse(text.substr(0, text.find(':')) + ": the value is missing");
  } catch (const CLI::Error& error) {
    refuse(error.what());
  }

  std::vector<std::string> paths;
  bool only_paths = false;
  for (const std::string& argument : app.remaining()) {
    if (!only_paths && argument == "--") {
      only_paths = true;
    } else if (!only_paths && argument.size() > 1 && argument[0] == '-') {
      if (*help || *version) continue;
      refuse(argument + ": unknown option");
    } else {
      paths.push_back(argument);
    }
  }
  return paths;
}

std::vector<std::string> CommandLine::names() const {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_snames()) {
      names.push_back("-" + name);
    }
    for (const std::string& name : option->get_lnames()) {
      names.push_back("--" + name);
    }
  }
  return names;
}

std::optional<std::string> value_of(const CLI::Option& option) {
  if (option.results().empty()) return std::nullopt;
  const std::string& value = option.results().back();
  if (value.empty()) refuse(option, "the value is empty");
  return value;
}

std::vector<std::string> values_of(const CLI::Option& option) {
  for (const std::string& value : option.results()) {
    if (value.empty()) refuse(option, "the value is empty");
  }
  return option.results();
}

}  // namespace vam
