// The tables of a catalog on a PostgreSQL server; docs/scale.md explains them.
#pragma once

#include "catalog/postgres_connection.hpp"

namespace vam {

/// The version that migrate() leads to.
int server_schema_version();

/// Makes the tables, or brings those of an older version to this one, in one
/// transaction; many processes may do so at once. Throws FatalError, which
/// names the `address`, if they are of a newer program or not whole.
void migrate(PostgresConnection& connection, const std::string& address,
             int to_version = server_schema_version());

/// Sets up a connection for statements on these tables.
void configure(PostgresConnection& connection);

/// The same for one that stores results. What is copied in goes
/// to temporary tables first, fresh_file, fresh_picture, fresh_sketch and
/// fresh_outcome, which are empty at the beginning of each transaction.
void prepare(PostgresConnection& connection);

}  // namespace vam
