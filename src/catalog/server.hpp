// Addresses of catalogs on a server.
#pragma once

#include <string>

#include "vam/catalog.hpp"

namespace vam {

/// Refuses an address with a password, without showing that.
[[noreturn]] void throw_password(const std::string& address);

}  // namespace vam
