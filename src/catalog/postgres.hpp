// The catalog on a PostgreSQL server, which many processes share.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "vam/catalog.hpp"

namespace vam {

std::unique_ptr<Catalog> open_postgres(const std::string& address,
                                       std::vector<NamedSource> names,
                                       const CatalogAccess& access);

}  // namespace vam
