// Rows of all tables.
#include "catalog/rows.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

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
std::optional<T> read_integer(const Row& row, int column, std::int64_t lowest,
                              std::int64_t highest) {
  const auto value = row.integer(column);
  if (!value || *value < lowest || *value > highest) return std::nullopt;
  return static_cast<T>(*value);
}

/// A path as the system knows them: not empty, without NUL.
std::optional<std::string> read_path(const Row& row, int column) {
  const auto path = row.blob(column);
  if (!path || path->empty() || path->find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  return std::string(*path);
}

/// NULL or a text that is not longer than those of PhotoMetadata.
std::optional<std::string> read_text(const Row& row, int column) {
  if (row.is_null(column)) return std::string();
  const auto text = row.text(column);
  if (!text || text->size() > kMaxMetadataText) return std::nullopt;
  return std::string(*text);
}

std::optional<double> read_angle(const Row& row, int column, double max) {
  const auto angle = row.real(column);
  return angle && std::abs(*angle) <= max ? angle : std::nullopt;
}

/// What of it makes no sense counts as not said: nothing rests on it.
PhotoMetadata read_metadata(const Row& row) {
  PhotoMetadata metadata;
  metadata.camera_make = read_text(row, 14).value_or("");
  metadata.camera_model = read_text(row, 15).value_or("");
  metadata.software = read_text(row, 16).value_or("");
  const auto latitude = read_angle(row, 17, 90);
  const auto longitude = read_angle(row, 18, 180);
  if (latitude && longitude) metadata.gps = {*latitude, *longitude};
  metadata.rating = read_integer<int>(row, 19, 0, 5);
  return metadata;
}

DcSteps read_dc_steps(const Row& row) {
  return {.own = read_integer<std::uint16_t>(row, 25, 0, 65535).value_or(0),
          .coarser = to_unsigned(row.integer(26).value_or(0))};
}

std::optional<PictureInfo> read_info(const Row& row) {
  constexpr std::int64_t kMaxSide = std::numeric_limits<std::uint32_t>::max();
  const auto format = row.text(2);
  const auto width = read_integer<std::uint32_t>(row, 3, 0, kMaxSide);
  const auto height = read_integer<std::uint32_t>(row, 4, 0, kMaxSide);
  const auto orientation = read_integer<Orientation>(row, 5, 1, 8);
  const auto taken_at = row.text(6);
  if (!width || !height || !orientation || !format ||
      !(row.is_null(6) || taken_at)) {
    return std::nullopt;
  }
  return PictureInfo{format_of(*format),
                     *width,
                     *height,
                     *orientation,
                     std::string(taken_at.value_or("")),
                     read_metadata(row),
                     read_dc_steps(row)};
}

std::optional<Region> read_region(const Row& row) {
  const auto edge = [&](int column) {
    return read_integer<std::uint16_t>(row, column, 0, 65535);
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

std::optional<Fingerprint> read_fingerprint(const Row& row) {
  const auto dhash = row.integer(7);
  const auto ahash = row.integer(8);
  const auto whash = row.integer(9);
  const auto detail = read_integer<std::uint8_t>(row, 10, 0, 64);
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

std::optional<Error> read_error(const Row& row) {
  const auto code = read_integer<ErrorCode>(row, 11, 0, 255);
  const auto message = row.blob(12);
  if (!code || to_string(*code) == "unknown" || !message) return std::nullopt;
  return Error{*code, std::string(*message)};
}

/// Either a fingerprint or an error; both or none makes no sense.
std::optional<Result<Fingerprint>> read_look(const Row& row) {
  if (row.is_null(11)) {
    if (auto fingerprint = read_fingerprint(row)) return *fingerprint;
  } else if (row.is_null(7)) {
    if (auto error = read_error(row)) return tl::unexpected(std::move(*error));
  }
  return std::nullopt;
}

void put_text(RowSink& sink, const std::string& text) {
  if (text.empty()) {
    sink.null();
  } else {
    sink.text(text);
  }
}

void put_unless_zero(RowSink& sink, std::int64_t number) {
  if (number == 0) {
    sink.null();
  } else {
    sink.integer(number);
  }
}

void put_hashes(RowSink& sink, const Result<Fingerprint>& look) {
  for (const HashKind kind :
       {HashKind::dhash, HashKind::ahash, HashKind::whash}) {
    if (look) {
      sink.integer(to_signed(look->hashes[index_of(kind)]));
    } else {
      sink.null();
    }
  }
  if (look) {
    sink.integer(look->detail);
    sink.null();
    sink.null();
  } else {
    sink.null();
    sink.integer(static_cast<std::int64_t>(look.error().code));
    sink.blob(look.error().message);
  }
}

void put_metadata(RowSink& sink, const PhotoMetadata& metadata) {
  put_text(sink, metadata.camera_make);
  put_text(sink, metadata.camera_model);
  put_text(sink, metadata.software);
  if (metadata.gps) {
    sink.real(metadata.gps->latitude);
    sink.real(metadata.gps->longitude);
  } else {
    sink.null();
    sink.null();
  }
  if (metadata.rating) {
    sink.integer(*metadata.rating);
  } else {
    sink.null();
  }
  sink.integer(kMetadataVersion);
}

void put_region(RowSink& sink, const Result<Fingerprint>& look) {
  const Region content = look ? look->content : Region{};
  for (const std::uint16_t edge :
       {content.left, content.top, content.right, content.bottom}) {
    if (look) {
      sink.integer(edge);
    } else {
      sink.null();
    }
  }
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

std::optional<Thumbnail> read_thumbnail(const Row& row, int column) {
  const auto bytes = row.blob(column);
  if (!bytes || bytes->size() != kThumbnailBytes) return std::nullopt;
  const char* from = bytes->data();
  Thumbnail thumbnail;
  for (const std::span<std::uint8_t> plane :
       {std::span<std::uint8_t>(thumbnail.luma),
        std::span<std::uint8_t>(thumbnail.blue),
        std::span<std::uint8_t>(thumbnail.red)}) {
    std::memcpy(plane.data(), from, plane.size());
    from += plane.size();
  }
  return thumbnail;
}

/// The names in a list of columns.
std::vector<std::string_view> names_in(std::string_view columns) {
  std::vector<std::string_view> names;
  while (!columns.empty()) {
    const std::size_t end = std::min(columns.find(", "), columns.size());
    names.push_back(columns.substr(0, end));
    columns.remove_prefix(std::min(end + 2, columns.size()));
  }
  return names;
}

}  // namespace

std::string select_rows(std::string_view table, std::string_view columns) {
  return "SELECT id, " + std::string(columns) + " FROM " + std::string(table);
}

std::string replace_rows(std::string_view key, std::string_view columns) {
  std::string clause = " ON CONFLICT (" + std::string(key) + ") DO UPDATE SET ";
  const auto keys = names_in(key);
  const char* separator = "";
  for (const std::string_view name : names_in(columns)) {
    if (std::ranges::count(keys, name) > 0) continue;
    clause += separator;
    clause += std::string(name) + " = excluded." + std::string(name);
    separator = ", ";
  }
  return clause;
}

std::optional<Digest> read_digest(const Row& row, int column) {
  Digest digest;
  const auto bytes = row.blob(column);
  if (!bytes || bytes->size() != digest.bytes.size()) return std::nullopt;
  std::memcpy(digest.bytes.data(), bytes->data(), digest.bytes.size());
  return digest;
}

std::optional<Source> read_source(const Row& row) {
  const auto id = row.integer(0);
  auto root = read_path(row, 1);
  if (!id || !root || !root->starts_with('/')) return std::nullopt;
  return Source{*id, std::move(*root)};
}

std::optional<CatalogBatch::File> read_file(const Row& row) {
  auto path = read_path(row, 1);
  const auto size_bytes = read_integer<std::uint64_t>(
      row, 2, 0, std::numeric_limits<std::int64_t>::max());
  const auto mtime_ns = row.integer(3);
  const auto inode = row.integer(4);
  const auto digest = read_digest(row, 5);
  const auto source = row.integer(6);
  const auto held_before = read_digest(row, 7);
  if (!path || !size_bytes || !mtime_ns || !inode || !digest || !source ||
      (!held_before && !row.is_null(7))) {
    return std::nullopt;
  }
  return CatalogBatch::File{*source,
                            {std::move(*path), *size_bytes, *mtime_ns,
                             to_unsigned(*inode), *digest, held_before}};
}

std::optional<Picture> read_picture(const Row& row) {
  const auto method = row.integer(13);
  const auto metadata_version = row.integer(20);
  if (method != kFingerprintMethod || metadata_version != kMetadataVersion) {
    return std::nullopt;
  }
  const auto digest = read_digest(row, 1);
  auto info = read_info(row);
  auto look = read_look(row);
  if (!digest || !info || !look) return std::nullopt;
  return Picture{*digest, std::move(*info), std::move(*look)};
}

std::optional<PictureSketch> read_sketch(const Row& row) {
  const auto digest = read_digest(row, 1);
  auto whole = read_thumbnail(row, 2);
  auto content = read_thumbnail(row, 3);
  if (!digest || !whole || (!content && !row.is_null(3))) {
    return std::nullopt;
  }
  PictureSketch sketch{*digest, {*whole}};
  if (content) {
    sketch.sketch.content = std::make_shared<Thumbnail>(*content);
  }
  return sketch;
}

std::optional<DifferentPair> read_different(const Row& row) {
  const auto first = read_digest(row, 1);
  const auto second = read_digest(row, 2);
  if (!first || !second || *first >= *second) return std::nullopt;
  return DifferentPair{*first, *second};
}

std::optional<NumberedFile> read_reported_file(const Row& row) {
  const auto group = row.integer(1);
  auto path = read_path(row, 2);
  const auto digest = read_digest(row, 3);
  if (!group || !path || !digest) return std::nullopt;
  return NumberedFile{*group, {std::move(*path), *digest}};
}

std::optional<ReportedProblem> read_reported_problem(const Row& row) {
  auto path = read_path(row, 1);
  const auto code = read_integer<ErrorCode>(row, 2, 0, 255);
  if (!path || !code || to_string(*code) == "unknown") return std::nullopt;
  return ReportedProblem{std::move(*path), *code};
}

void put(RowSink& sink, const Digest& digest) {
  const auto* const bytes = reinterpret_cast<const char*>(digest.bytes.data());
  sink.blob({bytes, digest.bytes.size()});
}

void put(RowSink& sink, const CatalogBatch::File& file) {
  const FileRecord& record = file.record;
  sink.blob(record.path);
  sink.integer(to_signed(record.size_bytes));
  sink.integer(record.mtime_ns);
  sink.integer(to_signed(record.inode));
  put(sink, record.digest);
  sink.integer(file.source);
  if (record.held_before) {
    put(sink, *record.held_before);
  } else {
    sink.null();
  }
}

void put(RowSink& sink, const Picture& picture) {
  const PictureInfo& info = picture.info;
  put(sink, picture.digest);
  sink.text(to_string(info.format));
  sink.integer(info.width);
  sink.integer(info.height);
  sink.integer(static_cast<std::int64_t>(info.orientation));
  put_text(sink, info.taken_at);
  put_hashes(sink, picture.look);
  sink.integer(kFingerprintMethod);
  put_metadata(sink, info.metadata);
  put_region(sink, picture.look);
  put_unless_zero(sink, info.dc_steps.own);
  put_unless_zero(sink, to_signed(info.dc_steps.coarser));
}

void put(RowSink& sink, const PictureSketch& sketch) {
  put(sink, sketch.digest);
  sink.blob(to_bytes(sketch.sketch.whole));
  if (sketch.sketch.content) {
    sink.blob(to_bytes(*sketch.sketch.content));
  } else {
    sink.null();
  }
}

void put(RowSink& sink, const DifferentPair& pair) {
  put(sink, pair.first);
  put(sink, pair.second);
}

void put(RowSink& sink, const NumberedFile& numbered) {
  sink.integer(numbered.group);
  sink.blob(numbered.file.path);
  put(sink, numbered.file.digest);
}

void put(RowSink& sink, const ReportedProblem& problem) {
  sink.blob(problem.path);
  sink.integer(static_cast<std::int64_t>(problem.code));
}

Reported reported_of(std::vector<NumberedFile> files,
                     std::vector<ReportedProblem> problems) {
  std::ranges::stable_sort(files, {}, &NumberedFile::group);
  Reported reported;
  std::optional<std::int64_t> group;
  for (NumberedFile& file : files) {
    if (group != file.group) reported.groups.emplace_back();
    group = file.group;
    reported.groups.back().push_back(std::move(file.file));
  }
  reported.problems = std::move(problems);
  return reported;
}

std::vector<NumberedFile> numbered(const Reported& reported) {
  std::vector<NumberedFile> files;
  std::int64_t group = 0;
  for (const std::vector<ReportedFile>& members : reported.groups) {
    ++group;
    for (const ReportedFile& file : members) files.push_back({group, file});
  }
  return files;
}

void sort_by_digest(std::vector<Picture>& pictures) {
  std::vector<std::pair<Digest, std::size_t>> order;
  order.reserve(pictures.size());
  for (const Picture& picture : pictures) {
    order.emplace_back(picture.digest, order.size());
  }
  std::ranges::sort(order);
  // Along each cycle of places; one that is done is its own origin.
  for (std::size_t first = 0; first < order.size(); ++first) {
    if (order[first].second == first) continue;
    Picture held = std::move(pictures[first]);
    std::size_t place = first;
    for (std::size_t from = order[place].second; from != first;
         from = order[place].second) {
      pictures[place] = std::move(pictures[from]);
      order[place].second = place;
      place = from;
    }
    pictures[place] = std::move(held);
    order[place].second = place;
  }
}

}  // namespace vam
