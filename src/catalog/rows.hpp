// Values to rows and back. What is read may have been written by anybody: a
// row that makes no sense is no value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/row.hpp"
#include "vam/catalog.hpp"

namespace vam {

// What the readers below expect, and put() gives, in this order. In the rows
// that are read, an id of the row comes first.
inline constexpr const char* kSourceColumns = "root";
inline constexpr const char* kFileColumns =
    "path, size_bytes, mtime_ns, inode, digest, source_id, held_before";
inline constexpr const char* kFileKey = "source_id, path";
inline constexpr const char* kPictureColumns =
    "digest, format, width, height, orientation, taken_at, dhash, ahash, "
    "whash, detail, error_code, error_message, method, camera_make, "
    "camera_model, software, latitude, longitude, rating, metadata_version, "
    "content_left, content_top, content_right, content_bottom, dc_step, "
    "coarser_dc_steps";
inline constexpr const char* kSketchColumns = "digest, whole, content";
inline constexpr const char* kDifferentColumns = "first, second";
inline constexpr const char* kReportedFileColumns =
    "group_number, path, digest";
inline constexpr const char* kReportedProblemColumns = "path, code";

/// "SELECT id, columns FROM table": what the readers below expect.
std::string select_rows(std::string_view table, std::string_view columns);

/// What an INSERT ends with that replaces the row with the same key.
std::string replace_rows(std::string_view key, std::string_view columns);

std::optional<Source> read_source(const Row& row);
std::optional<CatalogBatch::File> read_file(const Row& row);
/// Only of pictures that the current method fingerprinted, and whose metadata
/// are of the current version.
std::optional<Picture> read_picture(const Row& row);
std::optional<PictureSketch> read_sketch(const Row& row);
std::optional<DifferentPair> read_different(const Row& row);

/// With the number of its group.
struct NumberedFile {
  std::int64_t group = 0;
  ReportedFile file;
};
std::optional<NumberedFile> read_reported_file(const Row& row);
std::optional<ReportedProblem> read_reported_problem(const Row& row);

std::optional<Digest> read_digest(const Row& row, int column);

void put(RowSink& sink, const CatalogBatch::File& file);
void put(RowSink& sink, const Picture& picture);
void put(RowSink& sink, const PictureSketch& sketch);
void put(RowSink& sink, const DifferentPair& pair);
void put(RowSink& sink, const NumberedFile& numbered);
void put(RowSink& sink, const ReportedProblem& problem);
void put(RowSink& sink, const Digest& digest);

/// The groups of these, which need not be in order.
Reported reported_of(std::vector<NumberedFile> files,
                     std::vector<ReportedProblem> problems);
/// The files of all groups, numbered from 1.
std::vector<NumberedFile> numbered(const Reported& reported);

/// Far faster than to let a sort move these large values about.
void sort_by_digest(std::vector<Picture>& pictures);

}  // namespace vam
