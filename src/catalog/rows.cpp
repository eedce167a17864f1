// Rows of all tables.
#include "catalog/rows.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

namespace vam {
namespace {

std::int64_t to_signed(std::uint64_t bits) {
  return std::bit_cast<std::int64_t>(bits);
}

std::uint64_t to_unsigned(std::int64_t bits) {
  return std::bit_cast<std::uint64_t>(bits);
}

/// An integer within [lowest, highest].
template <class T>
std::optional<T> read_integer(const SQLite::Column& column, std::int64_t lowest,
                              std::int64_t highest) {
  if (!column.isInteger()) return std::nullopt;
  const std::int64_t value = column.getInt64();
  if (value < lowest || value > highest) return std::nullopt;
  return static_cast<T>(value);
}

std::optional<std::int64_t> read_integer(const SQLite::Column& column) {
  if (!column.isInteger()) return std::nullopt;
  return column.getInt64();
}

std::string bytes_of(const SQLite::Column& column) {
  const auto* const data = static_cast<const char*>(column.getBlob());
  const int size = column.getBytes();
  if (data == nullptr || size <= 0) return {};
  return {data, static_cast<std::size_t>(size)};
}

/// A path as the system knows them: not empty, without NUL.
std::optional<std::string> read_path(const SQLite::Column& column) {
  if (!column.isBlob()) return std::nullopt;
  std::string path = bytes_of(column);
  if (path.empty() || path.find('\0') != std::string::npos) {
    return std::nullopt;
  }
  return path;
}

/// NULL or a text that is not longer than those of PhotoMetadata.
std::optional<std::string> read_text(const SQLite::Column& column) {
  if (column.isNull()) return std::string();
  if (!column.isText() ||
      column.getBytes() > static_cast<int>(kMaxMetadataText)) {
    return std::nullopt;
  }
  return bytes_of(column);
}

bool is_angle(const SQLite::Column& column, double max) {
  return column.isFloat() && std::abs(column.getDouble()) <= max;
}

/// What of it makes no sense counts as not said: nothing rests on it.
PhotoMetadata read_metadata(const SQLite::Statement& row) {
  PhotoMetadata metadata;
  metadata.camera_make = read_text(row.getColumn(14)).value_or("");
  metadata.camera_model = read_text(row.getColumn(15)).value_or("");
  metadata.software = read_text(row.getColumn(16)).value_or("");
  const SQLite::Column latitude = row.getColumn(17);
  const SQLite::Column longitude = row.getColumn(18);
  if (is_angle(latitude, 90) && is_angle(longitude, 180)) {
    metadata.gps = {latitude.getDouble(), longitude.getDouble()};
  }
  metadata.rating = read_integer<int>(row.getColumn(19), 0, 5);
  return metadata;
}

std::optional<PictureInfo> read_info(const SQLite::Statement& row) {
  constexpr std::int64_t kMaxSide = std::numeric_limits<std::uint32_t>::max();
  const auto width = read_integer<std::uint32_t>(row.getColumn(3), 0, kMaxSide);
  const auto height =
      read_integer<std::uint32_t>(row.getColumn(4), 0, kMaxSide);
  const auto orientation = read_integer<Orientation>(row.getColumn(5), 1, 8);
  const SQLite::Column format = row.getColumn(2);
  const SQLite::Column taken_at = row.getColumn(6);
  if (!width || !height || !orientation || !format.isText() ||
      !(taken_at.isNull() || taken_at.isText())) {
    return std::nullopt;
  }
  return PictureInfo{format_of(bytes_of(format)),
                     *width,
                     *height,
                     *orientation,
                     bytes_of(taken_at),
                     read_metadata(row)};
}

std::optional<Region> read_region(const SQLite::Statement& row) {
  const auto edge = [&](int column) {
    return read_integer<std::uint16_t>(row.getColumn(column), 0, 65535);
  };
  const auto left = edge(21);
  const auto top = edge(22);
  const auto right = edge(23);
  const auto bottom = edge(24);
  if (!left || !top || !right || !bottom || *left >= *right ||
      *top >= *bottom) {
    return std::nullopt;
  }
  return Region{*left, *top, *right, *bottom};
}

std::optional<Fingerprint> read_fingerprint(const SQLite::Statement& row) {
  const auto dhash = read_integer(row.getColumn(7));
  const auto ahash = read_integer(row.getColumn(8));
  const auto whash = read_integer(row.getColumn(9));
  const auto detail = read_integer<std::uint8_t>(row.getColumn(10), 0, 64);
  if (!dhash || !ahash || !whash || !detail) return std::nullopt;
  Fingerprint fingerprint;
  fingerprint.hashes[index_of(HashKind::dhash)] = to_unsigned(*dhash);
  fingerprint.hashes[index_of(HashKind::ahash)] = to_unsigned(*ahash);
  fingerprint.hashes[index_of(HashKind::whash)] = to_unsigned(*whash);
  fingerprint.detail = *detail;
  const auto content = read_region(row);
  if (!content) return std::nullopt;
  fingerprint.content = *content;
  return fingerprint;
}

std::optional<Error> read_error(const SQLite::Statement& row) {
  const auto code = read_integer<ErrorCode>(row.getColumn(11), 0, 255);
  const SQLite::Column message = row.getColumn(12);
  if (!code || to_string(*code) == "unknown" || !message.isBlob()) {
    return std::nullopt;
  }
  return Error{*code, bytes_of(message)};
}

/// Either a fingerprint or an error; both or none makes no sense.
std::optional<Result<Fingerprint>> read_look(const SQLite::Statement& row) {
  if (row.isColumnNull(11)) {
    if (auto fingerprint = read_fingerprint(row)) return *fingerprint;
  } else if (row.isColumnNull(7)) {
    if (auto error = read_error(row)) return tl::unexpected(std::move(*error));
  }
  return std::nullopt;
}

void bind_digest(SQLite::Statement& statement, int index,
                 const Digest& digest) {
  statement.bindNoCopy(index, digest.bytes.data(),
                       static_cast<int>(digest.bytes.size()));
}

void bind_look(SQLite::Statement& statement, const Result<Fingerprint>& look) {
  if (look) {
    const HashSet& hashes = look->hashes;
    statement.bind(8, to_signed(hashes[index_of(HashKind::dhash)]));
    statement.bind(9, to_signed(hashes[index_of(HashKind::ahash)]));
    statement.bind(10, to_signed(hashes[index_of(HashKind::whash)]));
    statement.bind(11, static_cast<std::int32_t>(look->detail));
    statement.bind(12);
    statement.bind(13);
    const Region& content = look->content;
    statement.bind(21, std::int32_t{content.left});
    statement.bind(22, std::int32_t{content.top});
    statement.bind(23, std::int32_t{content.right});
    statement.bind(24, std::int32_t{content.bottom});
  } else {
    for (const int index : {8, 9, 10, 11, 21, 22, 23, 24}) {
      statement.bind(index);
    }
    statement.bind(12, static_cast<std::int32_t>(look.error().code));
    bind_bytes(statement, 13, look.error().message);
  }
}

void bind_text(SQLite::Statement& statement, int index,
               const std::string& text) {
  if (text.empty()) {
    statement.bind(index);
  } else {
    statement.bind(index, text);
  }
}

void bind_metadata(SQLite::Statement& statement,
                   const PhotoMetadata& metadata) {
  bind_text(statement, 14, metadata.camera_make);
  bind_text(statement, 15, metadata.camera_model);
  bind_text(statement, 16, metadata.software);
  if (metadata.gps) {
    statement.bind(17, metadata.gps->latitude);
    statement.bind(18, metadata.gps->longitude);
  } else {
    statement.bind(17);
    statement.bind(18);
  }
  if (metadata.rating) {
    statement.bind(19, *metadata.rating);
  } else {
    statement.bind(19);
  }
  statement.bind(20, kMetadataVersion);
}

// Thumbnails are stored plane after plane: luma, Cb, Cr.
constexpr std::size_t kThumbnailBytes =
    sizeof(Thumbnail::luma) + sizeof(Thumbnail::blue) + sizeof(Thumbnail::red);

std::string to_bytes(const Thumbnail& thumbnail) {
  std::string bytes;
  bytes.reserve(kThumbnailBytes);
  for (const std::span<const std::uint8_t> plane :
       {std::span<const std::uint8_t>(thumbnail.luma),
        std::span<const std::uint8_t>(thumbnail.blue),
        std::span<const std::uint8_t>(thumbnail.red)}) {
    bytes.append(plane.begin(), plane.end());
  }
  return bytes;
}

std::optional<Thumbnail> read_thumbnail(const SQLite::Column& column) {
  if (!column.isBlob() ||
      column.getBytes() != static_cast<int>(kThumbnailBytes)) {
    return std::nullopt;
  }
  const auto* from = static_cast<const std::uint8_t*>(column.getBlob());
  Thumbnail thumbnail;
  for (const std::span<std::uint8_t> plane :
       {std::span<std::uint8_t>(thumbnail.luma),
        std::span<std::uint8_t>(thumbnail.blue),
        std::span<std::uint8_t>(thumbnail.red)}) {
    std::copy_n(from, plane.size(), plane.begin());
    from += plane.size();
  }
  return thumbnail;
}

void execute(SQLite::Statement& statement) {
  statement.exec();
  statement.reset();
}

}  // namespace

std::optional<Digest> read_digest(const SQLite::Column& column) {
  Digest digest;
  if (!column.isBlob()) return std::nullopt;
  const void* const data = column.getBlob();
  if (data == nullptr ||
      column.getBytes() != static_cast<int>(digest.bytes.size())) {
    return std::nullopt;
  }
  std::memcpy(digest.bytes.data(), data, digest.bytes.size());
  return digest;
}

std::optional<Source> read_source(const SQLite::Statement& row) {
  const auto id = read_integer(row.getColumn(0));
  auto root = read_path(row.getColumn(1));
  if (!id || !root || !root->starts_with('/')) return std::nullopt;
  return Source{*id, std::move(*root)};
}

std::optional<CatalogBatch::File> read_file(const SQLite::Statement& row) {
  auto path = read_path(row.getColumn(1));
  const auto size_bytes = read_integer<std::uint64_t>(
      row.getColumn(2), 0, std::numeric_limits<std::int64_t>::max());
  const auto mtime_ns = read_integer(row.getColumn(3));
  const auto inode = read_integer(row.getColumn(4));
  const auto digest = read_digest(row.getColumn(5));
  const auto source = read_integer(row.getColumn(6));
  const auto held_before = read_digest(row.getColumn(7));
  if (!path || !size_bytes || !mtime_ns || !inode || !digest || !source ||
      (!held_before && !row.isColumnNull(7))) {
    return std::nullopt;
  }
  return CatalogBatch::File{*source,
                            {std::move(*path), *size_bytes, *mtime_ns,
                             to_unsigned(*inode), *digest, held_before}};
}

std::optional<Picture> read_picture(const SQLite::Statement& row) {
  const auto method = read_integer(row.getColumn(13));
  const auto metadata_version = read_integer(row.getColumn(20));
  if (method != kFingerprintMethod || metadata_version != kMetadataVersion) {
    return std::nullopt;
  }
  const auto digest = read_digest(row.getColumn(1));
  auto info = read_info(row);
  auto look = read_look(row);
  if (!digest || !info || !look) return std::nullopt;
  return Picture{*digest, std::move(*info), std::move(*look)};
}

std::optional<PictureSketch> read_sketch(const SQLite::Statement& row) {
  const auto digest = read_digest(row.getColumn(1));
  auto whole = read_thumbnail(row.getColumn(2));
  auto content = read_thumbnail(row.getColumn(3));
  if (!digest || !whole || (!content && !row.isColumnNull(3))) {
    return std::nullopt;
  }
  PictureSketch sketch{*digest, {*whole}};
  if (content) {
    sketch.sketch.content = std::make_shared<Thumbnail>(*content);
  }
  return sketch;
}

std::optional<DifferentPair> read_different(const SQLite::Statement& row) {
  const auto first = read_digest(row.getColumn(1));
  const auto second = read_digest(row.getColumn(2));
  if (!first || !second || *first >= *second) return std::nullopt;
  return DifferentPair{*first, *second};
}

std::optional<NumberedFile> read_reported_file(const SQLite::Statement& row) {
  const auto group = read_integer(row.getColumn(1));
  auto path = read_path(row.getColumn(2));
  const auto digest = read_digest(row.getColumn(3));
  if (!group || !path || !digest) return std::nullopt;
  return NumberedFile{*group, {std::move(*path), *digest}};
}

std::optional<ReportedProblem> read_reported_problem(
    const SQLite::Statement& row) {
  auto path = read_path(row.getColumn(1));
  const auto code = read_integer<ErrorCode>(row.getColumn(2), 0, 255);
  if (!path || !code || to_string(*code) == "unknown") return std::nullopt;
  return ReportedProblem{std::move(*path), *code};
}

void bind_bytes(SQLite::Statement& statement, int index,
                const std::string& bytes) {
  statement.bindNoCopy(index, static_cast<const void*>(bytes.data()),
                       static_cast<int>(bytes.size()));
}

RowWriter::RowWriter(SQLite::Database& database)
    : source_(database,
              "INSERT OR REPLACE INTO source (id, root) VALUES (?,?)"),
      file_(database,
            "INSERT INTO file "
            "(source_id, path, size_bytes, mtime_ns, inode, digest, "
            "held_before) "
            "VALUES (?,?,?,?,?,?,?) "
            "ON CONFLICT (source_id, path) DO UPDATE SET "
            "size_bytes = excluded.size_bytes, mtime_ns = excluded.mtime_ns, "
            "inode = excluded.inode, digest = excluded.digest, "
            "held_before = excluded.held_before"),
      picture_(database,
               "INSERT INTO picture "
               "(digest, format, width, height, orientation, taken_at, method, "
               "dhash, ahash, whash, detail, error_code, error_message, "
               "camera_make, camera_model, software, latitude, longitude, "
               "rating, metadata_version, content_left, content_top, "
               "content_right, content_bottom) "
               "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) "
               "ON CONFLICT (digest) DO UPDATE SET "
               "format = excluded.format, width = excluded.width, "
               "height = excluded.height, orientation = excluded.orientation, "
               "taken_at = excluded.taken_at, method = excluded.method, "
               "dhash = excluded.dhash, ahash = excluded.ahash, "
               "whash = excluded.whash, detail = excluded.detail, "
               "error_code = excluded.error_code, "
               "error_message = excluded.error_message, "
               "camera_make = excluded.camera_make, "
               "camera_model = excluded.camera_model, "
               "software = excluded.software, "
               "latitude = excluded.latitude, "
               "longitude = excluded.longitude, rating = excluded.rating, "
               "metadata_version = excluded.metadata_version, "
               "content_left = excluded.content_left, "
               "content_top = excluded.content_top, "
               "content_right = excluded.content_right, "
               "content_bottom = excluded.content_bottom"),
      sketch_(database,
              "INSERT INTO sketch (digest, whole, content) "
              "SELECT ?1, ?2, ?3 "
              "WHERE EXISTS (SELECT 1 FROM picture WHERE digest = ?1) "
              "ON CONFLICT (digest) DO UPDATE SET "
              "whole = excluded.whole, content = excluded.content"),
      different_(database,
                 "INSERT OR IGNORE INTO different (first, second) "
                 "VALUES (?,?)"),
      reported_file_(database,
                     "INSERT INTO reported_file (group_number, path, digest) "
                     "VALUES (?,?,?)"),
      reported_problem_(
          database, "INSERT INTO reported_problem (path, code) VALUES (?,?)") {}

void RowWriter::write(const Source& source) {
  source_.bind(1, source.id);
  bind_bytes(source_, 2, source.root);
  execute(source_);
}

void RowWriter::write(const CatalogBatch::File& file) {
  const FileRecord& record = file.record;
  file_.bind(1, file.source);
  bind_bytes(file_, 2, record.path);
  file_.bind(3, to_signed(record.size_bytes));
  file_.bind(4, record.mtime_ns);
  file_.bind(5, to_signed(record.inode));
  bind_digest(file_, 6, record.digest);
  if (record.held_before) {
    bind_digest(file_, 7, *record.held_before);
  } else {
    file_.bind(7);
  }
  execute(file_);
}

void RowWriter::write(const Picture& picture) {
  const PictureInfo& info = picture.info;
  const std::string format(to_string(info.format));
  bind_digest(picture_, 1, picture.digest);
  picture_.bind(2, format);
  picture_.bind(3, static_cast<std::int64_t>(info.width));
  picture_.bind(4, static_cast<std::int64_t>(info.height));
  picture_.bind(5, static_cast<std::int32_t>(info.orientation));
  bind_text(picture_, 6, info.taken_at);
  picture_.bind(7, kFingerprintMethod);
  bind_look(picture_, picture.look);
  bind_metadata(picture_, info.metadata);
  execute(picture_);
}

void RowWriter::write(const PictureSketch& sketch) {
  const std::string whole = to_bytes(sketch.sketch.whole);
  std::string content;
  bind_digest(sketch_, 1, sketch.digest);
  bind_bytes(sketch_, 2, whole);
  if (sketch.sketch.content) {
    content = to_bytes(*sketch.sketch.content);
    bind_bytes(sketch_, 3, content);
  } else {
    sketch_.bind(3);
  }
  execute(sketch_);
}

void RowWriter::write(const DifferentPair& pair) {
  bind_digest(different_, 1, pair.first);
  bind_digest(different_, 2, pair.second);
  execute(different_);
}

void RowWriter::write(const NumberedFile& numbered) {
  reported_file_.bind(1, numbered.group);
  bind_bytes(reported_file_, 2, numbered.file.path);
  bind_digest(reported_file_, 3, numbered.file.digest);
  execute(reported_file_);
}

void RowWriter::write(const ReportedProblem& problem) {
  bind_bytes(reported_problem_, 1, problem.path);
  reported_problem_.bind(2, static_cast<std::int32_t>(problem.code));
  execute(reported_problem_);
}

}  // namespace vam
