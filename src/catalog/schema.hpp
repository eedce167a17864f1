// The tables of a catalog and how they came about.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>

namespace vam {

/// "VAMc", in the header of every catalog: tells it from other databases.
inline constexpr std::uint32_t kApplicationId = 0x56414D63;

/// The version that migrate() leads to; PRAGMA user_version of a catalog.
int current_schema_version();

int schema_version(SQLite::Database& database);

/// Brings the tables from any older version, 0 being an empty database, to
/// this one; one transaction for each version. The view `photo` is that of the
/// current version, and made with it.
void migrate(SQLite::Database& database,
             int to_version = current_schema_version());

}  // namespace vam
