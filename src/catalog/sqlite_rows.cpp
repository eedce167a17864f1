#include "catalog/sqlite_rows.hpp"

#include <algorithm>
#include <string>

namespace vam {
namespace {

using namespace std::string_literals;

std::string_view bytes_of(const SQLite::Column& column) {
  const auto* const data = static_cast<const char*>(column.getBlob());
  const int size = column.getBytes();
  if (data == nullptr || size <= 0) return {};
  return {data, static_cast<std::size_t>(size)};
}

/// Binds values to the parameters of a statement, from the first one on.
class Parameters final : public RowSink {
 public:
  explicit Parameters(SQLite::Statement& statement) : statement_(statement) {}

  void null() override { statement_.bind(++index_); }
  void integer(std::int64_t value) override {
    statement_.bind(++index_, value);
  }
  void real(double value) override { statement_.bind(++index_, value); }
  void text(std::string_view value) override {
    statement_.bind(++index_, std::string(value));
  }
  void blob(std::string_view value) override {
    statement_.bind(++index_, static_cast<const void*>(value.data()),
                    static_cast<int>(value.size()));
  }

 private:
  SQLite::Statement& statement_;
  int index_ = 0;
};

template <class Value>
void execute(SQLite::Statement& statement, const Value& value) {
  Parameters parameters(statement);
  put(parameters, value);
  statement.exec();
  statement.reset();
}

/// As many question marks as there are columns.
std::string insert_rows(const std::string& table, const std::string& columns) {
  std::string marks = "?";
  for (const char c : columns) {
    if (c == ',') marks += ",?";
  }
  return "INSERT INTO " + table + " (" + columns + ") VALUES (" + marks + ")";
}

}  // namespace

bool SqliteRow::is_null(int column) const {
  return statement_.isColumnNull(column);
}

std::optional<std::int64_t> SqliteRow::integer(int column) const {
  const SQLite::Column value = statement_.getColumn(column);
  if (!value.isInteger()) return std::nullopt;
  return value.getInt64();
}

std::optional<double> SqliteRow::real(int column) const {
  const SQLite::Column value = statement_.getColumn(column);
  if (!value.isFloat()) return std::nullopt;
  return value.getDouble();
}

std::optional<std::string_view> SqliteRow::text(int column) const {
  const SQLite::Column value = statement_.getColumn(column);
  if (!value.isText()) return std::nullopt;
  return bytes_of(value);
}

std::optional<std::string_view> SqliteRow::blob(int column) const {
  const SQLite::Column value = statement_.getColumn(column);
  if (!value.isBlob()) return std::nullopt;
  return bytes_of(value);
}

void bind_bytes(SQLite::Statement& statement, int index,
                std::string_view bytes) {
  statement.bindNoCopy(index, static_cast<const void*>(bytes.data()),
                       static_cast<int>(bytes.size()));
}

RowWriter::RowWriter(SQLite::Database& database)
    : source_(database,
              "INSERT OR REPLACE INTO source (id, root) VALUES (?,?)"),
      file_(database, insert_rows("file", kFileColumns) +
                          replace_rows(kFileKey, kFileColumns)),
      picture_(database, insert_rows("picture", kPictureColumns) +
                             replace_rows("digest", kPictureColumns)),
      sketch_(database,
              "INSERT INTO sketch ("s + kSketchColumns +
                  ") SELECT ?1, ?2, ?3 "
                  "WHERE EXISTS (SELECT 1 FROM picture WHERE digest = ?1)" +
                  replace_rows("digest", kSketchColumns)),
      different_(database, insert_rows("different", kDifferentColumns) +
                               " ON CONFLICT DO NOTHING"),
      reported_file_(database,
                     insert_rows("reported_file", kReportedFileColumns)),
      reported_problem_(
          database, insert_rows("reported_problem", kReportedProblemColumns)) {}

void RowWriter::write(const Source& source) {
  source_.bind(1, source.id);
  bind_bytes(source_, 2, source.root);
  source_.exec();
  source_.reset();
}

void RowWriter::write(const CatalogBatch::File& file) { execute(file_, file); }

void RowWriter::write(const Picture& picture) { execute(picture_, picture); }

void RowWriter::write(const PictureSketch& sketch) { execute(sketch_, sketch); }

void RowWriter::write(const DifferentPair& pair) { execute(different_, pair); }

void RowWriter::write(const NumberedFile& numbered) {
  execute(reported_file_, numbered);
}

void RowWriter::write(const ReportedProblem& problem) {
  execute(reported_problem_, problem);
}

}  // namespace vam
