// Rows of an SQLite database.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include "catalog/row.hpp"
#include "catalog/rows.hpp"

namespace vam {

/// The row that a statement is at, which must outlive this.
class SqliteRow final : public Row {
 public:
  explicit SqliteRow(const SQLite::Statement& statement)
      : statement_(statement) {}

  bool is_null(int column) const override;
  std::optional<std::int64_t> integer(int column) const override;
  std::optional<double> real(int column) const override;
  std::optional<std::string_view> text(int column) const override;
  std::optional<std::string_view> blob(int column) const override;

 private:
  const SQLite::Statement& statement_;
};

/// Binds raw bytes, which must outlive the next execution.
void bind_bytes(SQLite::Statement& statement, int index,
                std::string_view bytes);

/// Adds or replaces rows. Statements are prepared once for a batch.
class RowWriter {
 public:
  explicit RowWriter(SQLite::Database& database);

  void write(const Source& source);  ///< with its id
  void write(const CatalogBatch::File& file);
  void write(const Picture& picture);
  /// Nothing if its picture is not there.
  void write(const PictureSketch& sketch);
  void write(const DifferentPair& pair);
  void write(const NumberedFile& numbered);
  void write(const ReportedProblem& problem);

 private:
  SQLite::Statement source_;
  SQLite::Statement file_;
  SQLite::Statement picture_;
  SQLite::Statement sketch_;
  SQLite::Statement different_;
  SQLite::Statement reported_file_;
  SQLite::Statement reported_problem_;
};

}  // namespace vam
