// The rules by which the photo to be kept is chosen.
#include "group/keep_order.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

#include "vam/glob.hpp"

namespace vam {
namespace {

std::int64_t clamped(std::uint64_t value) {
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(
      std::min(value, static_cast<std::uint64_t>(kMax)));
}

std::int64_t all_pixels_of(const Picture& picture) {
  return clamped(std::uint64_t{picture.info.width} * picture.info.height);
}

/// Pixels within the border, if there is one on opposite sides. They count a
/// little less: where a border ends is known to a few pixels only, and who
/// adds one saves the picture anew.
std::int64_t pixels_of(const KeepSubject& subject) {
  const Picture& picture = subject.picture;
  const std::int64_t all = all_pixels_of(picture);
  if (!picture.look) return all;
  const Region& content = picture.look->content;
  const bool has_frame = (content.left > 0 && content.right < 65535) ||
                         (content.top > 0 && content.bottom < 65535);
  if (!has_frame) return all;
  const auto share = [](int begin, int end) { return (end - begin) / 65535.0; };
  return static_cast<std::int64_t>(static_cast<double>(all) * 0.9 *
                                   share(content.left, content.right) *
                                   share(content.top, content.bottom));
}

/// Editors and messengers drop what a camera wrote.
std::int64_t metadata_of(const KeepSubject& subject) {
  const PictureInfo& info = subject.picture.info;
  return !info.taken_at.empty() + !info.metadata.camera_make.empty() +
         !info.metadata.camera_model.empty();
}

std::int64_t companions_of(const KeepSubject& subject) {
  const auto has = [&](NonPicture kind) {
    return (subject.photo.companions & bit_of(kind)) != 0;
  };
  return 2 * has(NonPicture::video) + has(NonPicture::sidecar);
}

/// Sensor data before lossless files before lossy ones before 256 colours.
std::int64_t format_rank_of(const KeepSubject& subject) {
  switch (subject.picture.info.format) {
    case Format::raw:
      return 4;
    case Format::tiff:
    case Format::psd:
    case Format::png:
    case Format::bmp:
      return 3;
    case Format::jpeg:
    case Format::heif:
    case Format::avif:
    case Format::webp:
    case Format::jxl:
    case Format::jp2:
      return 2;
    case Format::gif:
      return 1;
    case Format::unknown:
      break;
  }
  return 0;
}

std::int64_t size_of(const KeepSubject& subject) {
  return clamped(subject.photo.size_bytes);
}

/// The complement turns the order round, and cannot overflow.
std::int64_t age_of(const KeepSubject& subject) {
  return ~subject.photo.mtime_ns;
}

std::int64_t youth_of(const KeepSubject& subject) {
  return subject.photo.mtime_ns;
}

std::int64_t is_reference(const KeepSubject& subject) {
  return subject.is_reference;
}

/// By the value of KeepBy. A path is matched in KeepOrder, which has the glob,
/// and generations are compared there.
constexpr std::array<KeepMethod, 10> kKeepMethods = {{
    {KeepBy::resolution, "resolution", "largest picture", pixels_of},
    {KeepBy::metadata, "metadata", "most metadata", metadata_of},
    {KeepBy::generation, "generation", "earlier generation", nullptr},
    {KeepBy::companions, "companions", "has companions", companions_of},
    {KeepBy::format, "format", "best format", format_rank_of},
    {KeepBy::size, "size", "largest file", size_of},
    {KeepBy::oldest, "oldest", "oldest file", age_of},
    {KeepBy::newest, "newest", "newest file", youth_of},
    {KeepBy::path, "path", "path matches", nullptr},
    {KeepBy::reference, "reference", "reference file", is_reference},
}};

const KeepMethod& method_of(KeepBy by) {
  return kKeepMethods[static_cast<std::size_t>(by)];
}

std::string_view without_root(std::string_view path) {
  path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
  return path;
}

bool lies_below(std::string_view folder, std::string_view path) {
  if (!path.starts_with(folder)) return false;
  path.remove_prefix(folder.size());
  return folder.ends_with('/') || path.starts_with('/');
}

bool is_below_any(std::span<const std::string> folders, const Photo& photo) {
  return std::ranges::any_of(folders, [&](const std::string& folder) {
    return lies_below(folder, photo.path) ||
           std::ranges::any_of(photo.hard_links, [&](const std::string& name) {
             return lies_below(folder, name);
           });
  });
}

}  // namespace

bool was_saved_from(const Picture& later, const Picture& earlier) {
  const int step = earlier.info.dc_steps.own;
  const auto sides = [](const PictureInfo& info) {
    return std::minmax(info.width, info.height);
  };
  return step > later.info.dc_steps.own && step <= kMaxCoarserStep &&
         ((later.info.dc_steps.coarser >> step) & 1U) != 0 &&
         sides(later.info) == sides(earlier.info);
}

std::span<const KeepMethod> keep_methods() { return kKeepMethods; }

std::string to_string(const KeepRule& rule) {
  std::string text(method_of(rule.by).name);
  if (rule.by == KeepBy::path) text += ':' + rule.glob;
  return text;
}

KeepOrder::KeepOrder(std::span<const Photo> photos,
                     std::span<const Picture> pictures, const GroupRules& rules)
    : photos_(photos), pictures_(pictures), rules_(rules.keep) {
  is_reference_.resize(photos.size());
  for (std::size_t photo = 0; photo < photos.size(); ++photo) {
    is_reference_[photo] = is_below_any(rules.references, photos[photo]);
  }
  if (!rules.references.empty() &&
      std::ranges::count(rules_, KeepBy::reference, &KeepRule::by) == 0) {
    rules_.insert(rules_.begin(), {KeepBy::reference, {}});
  }
  // A column of zeros decides nothing, and costs as much as any.
  if (std::ranges::none_of(
          photos, [](const Photo& photo) { return photo.companions != 0; })) {
    std::erase(rules_, KeepRule{KeepBy::companions, {}});
  }
  worth_.resize(photos.size() * rules_.size());
  for (std::size_t n = 0; n < rules_.size(); ++n) fill_column(n);
}

void KeepOrder::fill_column(std::size_t rule) {
  const auto& [by, glob_text] = rules_[rule];
  if (by == KeepBy::generation) return;  // zeros decide nothing
  const Glob glob(glob_text);
  const auto worth = method_of(by).worth;
  for (std::size_t photo = 0; photo < photos_.size(); ++photo) {
    const Photo& of = photos_[photo];
    worth_[photo * rules_.size() + rule] =
        by == KeepBy::path
            ? glob.matches(without_root(of.path), false)
            : worth({of, pictures_[of.picture], is_reference_[photo]});
  }
}

std::int64_t KeepOrder::worth(std::uint32_t photo, std::size_t rule,
                              Borders borders) const {
  return borders == Borders::counted && rules_[rule].by == KeepBy::resolution
             ? all_pixels_of(picture_of(photo))
             : worth_[photo * rules_.size() + rule];
}

bool KeepOrder::is_better(std::uint32_t a, std::uint32_t b,
                          Borders borders) const {
  const bool readable = has_look(a);
  if (readable != has_look(b)) return readable;
  for (std::size_t rule = 0; rule < rules_.size(); ++rule) {
    const std::int64_t mine = worth(a, rule, borders);
    const std::int64_t others = worth(b, rule, borders);
    if (mine != others) return mine > others;
  }
  const std::string& path = photos_[a].path;
  const std::string& other = photos_[b].path;
  return path.size() != other.size() ? path.size() < other.size()
                                     : path < other;
}

bool KeepOrder::is_earlier_generation(std::uint32_t first,
                                      std::uint32_t second) const {
  if (!was_saved_from(picture_of(second), picture_of(first))) return false;
  for (std::size_t rule = 0; rule < rules_.size(); ++rule) {
    if (rules_[rule].by == KeepBy::generation) return true;
    // Where the sides are the same, what seems to be a border is in both.
    const std::int64_t mine = worth(first, rule, Borders::counted);
    const std::int64_t others = worth(second, rule, Borders::counted);
    if (mine != others) return mine > others;
  }
  return false;
}

bool KeepOrder::has_more_metadata(std::uint32_t a, std::uint32_t b) const {
  const auto rule = std::ranges::find(rules_, KeepBy::metadata, &KeepRule::by);
  if (rule == rules_.end()) return false;
  const auto n = static_cast<std::size_t>(rule - rules_.begin());
  return worth(a, n, Borders::left_out) > worth(b, n, Borders::left_out);
}

std::string KeepOrder::reason(std::uint32_t better, std::uint32_t other,
                              Borders borders) const {
  if (has_look(better) != has_look(other)) return "can be decoded";
  const bool is_earlier =
      was_saved_from(picture_of(other), picture_of(better)) ||
      !is_better(better, other, borders);
  for (std::size_t n = 0; n < rules_.size(); ++n) {
    const bool decides =
        rules_[n].by == KeepBy::generation
            ? is_earlier
            : worth(better, n, borders) > worth(other, n, borders);
    if (!decides) continue;
    std::string words(method_of(rules_[n].by).reason);
    if (rules_[n].by == KeepBy::path) words += ' ' + rules_[n].glob;
    return words;
  }
  return photos_[better].path.size() != photos_[other].path.size()
             ? "shortest path"
             : "first path";
}

}  // namespace vam
