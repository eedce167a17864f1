// Values to rows and back. What is read may have been written by anybody: a
// row that makes no sense is no value.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <optional>

#include "vam/catalog.hpp"

namespace vam {

// What the readers below expect, in this order. The id comes first.
inline constexpr const char* kSourceColumns = "id, root";
inline constexpr const char* kFileColumns =
    "id, path, size_bytes, mtime_ns, inode, digest, source_id, held_before";
/// Of the versions 1 to 5.
inline constexpr const char* kOldFileColumns =
    "id, path, size_bytes, mtime_ns, inode, digest, source_id, NULL";
inline constexpr const char* kPictureColumns =
    "id, digest, format, width, height, orientation, taken_at, dhash, ahash, "
    "whash, detail, error_code, error_message, method, camera_make, "
    "camera_model, software, latitude, longitude, rating, metadata_version, "
    "content_left, content_top, content_right, content_bottom";

inline constexpr const char* kSketchColumns = "id, digest, whole, content";
inline constexpr const char* kDifferentColumns = "id, first, second";
inline constexpr const char* kReportedFileColumns =
    "id, group_number, path, digest";
inline constexpr const char* kReportedProblemColumns = "id, path, code";

std::optional<Source> read_source(const SQLite::Statement& row);
std::optional<CatalogBatch::File> read_file(const SQLite::Statement& row);
/// Only of pictures that the current method fingerprinted, and whose metadata
/// are of the current version.
std::optional<Picture> read_picture(const SQLite::Statement& row);

std::optional<Digest> read_digest(const SQLite::Column& column);
std::optional<PictureSketch> read_sketch(const SQLite::Statement& row);
std::optional<DifferentPair> read_different(const SQLite::Statement& row);

/// With the number of its group.
struct NumberedFile {
  std::int64_t group = 0;
  ReportedFile file;
};
std::optional<NumberedFile> read_reported_file(const SQLite::Statement& row);
std::optional<ReportedProblem> read_reported_problem(
    const SQLite::Statement& row);

/// Binds raw bytes, which must outlive the next execution.
void bind_bytes(SQLite::Statement& statement, int index,
                const std::string& bytes);

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
