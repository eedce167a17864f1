// Files and folders by their paths, and no symbolic link on the way.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>
#include <string_view>

#include "scan/descriptor.hpp"
#include "vam/error.hpp"

namespace vam {

/// error_of() as a failure.
inline tl::unexpected<Error> fail_with(int number, const std::string& what) {
  return tl::unexpected<Error>(error_of(number, what));
}

std::string folder_of(const std::string& path);  ///< of an absolute path
std::string name_of(const std::string& path);

/// A folder that can be synchronised, by its plain path (see fields.hpp).
Result<Descriptor> open_folder_at(const std::string& path);

/// The same, relative to a folder, with what is missing made for its owner
/// alone; durably. Missing ones are an error unless `make`.
enum class Make : bool { no, yes };
Result<Descriptor> open_below(const Descriptor& folder,
                              const std::string& relative, Make make);

/// A regular file that is open for reading, and where it was found.
struct PlainFile {
  Descriptor folder;
  std::string name;
  Descriptor content;
  struct stat status {};
};

Result<PlainFile> open_plain_file(const std::string& path);

/// Of a name, symbolic links not followed. Nothing if there is none.
std::optional<struct stat> status_at(const Descriptor& folder,
                                     const std::string& name);

/// Whether the name still leads to the file, and nothing about it changed since
/// it was opened.
bool is_unchanged(const PlainFile& file);

/// The same file with the same size and time, which may have got, lost or
/// changed a name meanwhile.
bool is_as_it_was(const struct stat& now, const struct stat& then);

/// Never replaces anything. Zero, or an errno.
int rename_to_free(const Descriptor& from, const std::string& name,
                   const Descriptor& to, const std::string& new_name);
/// Both names have to be there. Zero, or an errno.
int exchange(const Descriptor& folder, const std::string& a,
             const std::string& b);

/// What is not on disk after a change cannot be built on: throws FatalError.
void sync_folder(const Descriptor& folder);

/// Writes all of it. Zero, or an errno.
int write_all(const Descriptor& file, std::string_view text);

}  // namespace vam
