// Addresses of catalogs on a server.
#pragma once

#include <string>

#include "vam/catalog.hpp"

namespace vam {

/// Refuses an address with a password, without showing that.
[[noreturn]] void throw_password(const std::string& address);

/// Refuses an address that cannot be read, without showing what may be a
/// password.
[[noreturn]] void throw_unreadable(const std::string& address,
                                   const std::string& problem);

}  // namespace vam
