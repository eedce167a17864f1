// A file that is put in the place of another one, in the same folder.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "apply/check.hpp"
#include "apply/place.hpp"
#include "vam/error.hpp"

namespace vam {

using Attributes = std::map<std::string, std::string>;

/// The extended ones, ACLs among them. Nothing if they cannot be read.
std::optional<Attributes> attributes_of(const Descriptor& file);

/// Whether this user can make a file as this one is.
bool can_be_made(const struct stat& status);
/// Whether this user can give its attributes to another one: those of security
/// take the rights of root.
bool can_have_attributes_of(const Descriptor& file);

/// A path beside the file's that no other run uses, and this one for no other
/// action.
std::string path_in_between(const std::string& path, const std::string& run,
                            std::uint64_t number);

/// Removes a name, durably, whether or not it is there.
void remove_name(const Descriptor& folder, const std::string& name);

/// Whether what lies under the other name was made to be put in the place of a
/// file, and goes if it does not get there.
enum class Made : bool { no, yes };

/// Puts what lies under `other` in the place of the file, which must be the one
/// that was looked at, and unlinks that. The last look is when all else is on
/// disk; `may_go` is asked then, too. Throws FatalError where a version that
/// somebody saved meanwhile is left under the other name.
Result<void> replace(const PlainFile& file, const std::string& other, Made made,
                     const std::function<bool()>& may_go);

/// Puts a copy of the file in its place: with the bytes that are known, which
/// are checked, the time that is known, and all else as the file has it. `path`
/// is free, in the same folder.
Result<void> replace_by_copy(const PlainFile& file, const std::string& path,
                             const KnownFile& known);

}  // namespace vam
