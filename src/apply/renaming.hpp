// The one step by which a file that was looked at goes to another folder.
#pragma once

#include <string>

#include "apply/actions.hpp"

namespace vam {

/// Renames the file of the pair, if nothing changed since it was looked at, to
/// the last name of `to`, which is free, in this folder. Durable; a failure
/// left it where it was. Throws FatalError if it did not.
Result<void> rename_checked(const CheckedPair& pair, const Descriptor& folder,
                            const JournalAction& action);

}  // namespace vam
