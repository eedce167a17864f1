// The report for people: what belongs together and why, what could not be
// used, and what it adds up to. Paths stand at the end of a line of their own,
// so that they can be copied.
#include <algorithm>
#include <cctype>
#include <cmath>
#include <ostream>

#include "report/escape.hpp"
#include "report/words.hpp"
#include "report/writers.hpp"

namespace vam {

namespace {

constexpr std::size_t kMaxProblems = 20;
constexpr std::size_t kLabelWidth = 12;

std::string_view heading_of(MatchKind kind) {
  switch (kind) {
    case MatchKind::exact:
      return "Same bytes";
    case MatchKind::same_image:
      return "Same image";
    case MatchKind::similar:
      return "Similar";
  }
  return "Similar";
}

/// Files that are not keepers, by how sure it is that they are copies.
struct Share {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};

struct Redundant {
  Share sure;
  Share similar;
};

void add_group(const Report& report, const Group& group, Redundant& redundant) {
  for (std::size_t i = 0; i < group.members.size(); ++i) {
    const GroupFile file = file_of(report, group, i);
    if (!file.is_redundant()) continue;
    Share& share = is_sure_copy(file) ? redundant.sure : redundant.similar;
    ++share.files;
    share.bytes += file.photo.size_bytes;
  }
}

/// "9 videos, 3 documents, 1 other".
std::string remark_on_skipped(const Stats& stats) {
  const auto count_of = [&](NonPicture kind) {
    return stats.skipped_by_kind[static_cast<std::size_t>(kind)];
  };
  const std::uint64_t others = count_of(NonPicture::other);
  if (stats.files_skipped == 0) return {};
  if (stats.files_skipped == others) return "not pictures";
  std::string remark;
  for (const NonPicture kind :
       {NonPicture::video, NonPicture::document, NonPicture::sidecar}) {
    if (count_of(kind) == 0) continue;
    if (!remark.empty()) remark += ", ";
    remark += counted(count_of(kind), to_string(kind));
  }
  if (others > 0) remark += ", " + grouped(others) + " other";
  return remark;
}

/// "14 in formats that this build cannot read: HEIF (-D VAM_HEIF=ON), PSD".
std::string remark_on_unreadable(const Stats& stats) {
  std::uint64_t files = 0;
  std::string names;
  for (const UnreadableFormat& unreadable : stats.unreadable_formats) {
    files += unreadable.files;
    if (!names.empty()) names += ", ";
    for (const char letter : to_string(unreadable.format)) {
      names +=
          static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
    }
    if (!unreadable.option.empty())
      names += " (-D " + unreadable.option + "=ON)";
  }
  if (files == 0) return {};
  return grouped(files) + " in formats that this build cannot read: " + names;
}

/// How a file lies that has to be turned so to be seen upright.
std::string_view turn_in_words(Orientation transform) {
  switch (transform) {
    case 2:
      return "mirrored";
    case 3:
      return "upside down";
    case 4:
      return "mirrored, upside down";
    case 5:
    case 7:
      return "mirrored, on its side";
    case 6:
    case 8:
      return "on its side";
    default:
      return "";
  }
}

/// One line of the summary: a label, a right-aligned number, a remark.
struct SummaryLine {
  std::string label;
  std::uint64_t number = 0;
  std::string remark;
};

class TextWriter {
 public:
  TextWriter(const Report& report, const ReportStyle& style, std::ostream& out)
      : report_(report), style_(style), out_(out) {}

  void write() {
    if (report_.is_old()) return;
    write_groups();
    write_sets();
    if (report_.settings.show_discarded) write_discarded();
    write_problems();
    write_summary();
    if (report_.settings.show_stats) {
      out_ << '\n';
      write_text_stats(report_, out_);
    }
  }

 private:
  std::string bold(const std::string& text) const {
    return style_.colour ? "\x1b[1m" + text + "\x1b[0m" : text;
  }
  std::string dim(const std::string& text) const {
    return style_.colour ? "\x1b[2m" + text + "\x1b[0m" : text;
  }

  void write_groups() {
    if (report_.grouping.groups.empty()) {
      out_ << (report_.settings.new_only ? "No new duplicates found.\n\n"
               : report_.settings.detect_duplicates
                   ? "No duplicates found.\n\n"
                   : "To look for duplicates, add --detect-duplicates.\n\n");
      return;
    }
    for (const Group& group : report_.grouping.groups) {
      if (!out_) return;
      write_group(group);
    }
  }

  void write_group(const Group& group) {
    Redundant redundant;
    add_group(report_, group, redundant);
    out_ << heading_of(group.kind) << ": "
         << counted(group.members.size(), "file") << ", "
         << (redundant.similar.files > 0 ? "up to " : "")
         << human_size(redundant.sure.bytes + redundant.similar.bytes)
         << " could be freed\n";
    for (std::size_t i = 0; i < group.members.size(); ++i) {
      write_file(group, file_of(report_, group, i));
    }
    out_ << '\n';
  }

  void write_sets() {
    for (const PhotoSet& set : report_.grouping.sets) {
      if (!out_) return;
      out_ << (set.kind == SetKind::burst ? "Burst" : "RAW and JPEG") << ": "
           << counted(set.photos.size(), "file")
           << ", not copies of each other\n";
      for (const std::uint32_t index : set.photos) {
        const Photo& photo = report_.photos[index];
        write_labelled("", escape_for_terminal(photo.path));
        write_labelled("",
                       dim(details_of(photo, report_.pictures[photo.picture])));
        write_companions(companions_of(report_, index));
      }
      out_ << '\n';
    }
  }

  void write_file(const Group& group, const GroupFile& file) {
    const std::string path = escape_for_terminal(file.photo.path);
    write_labelled(label_of(file), file.is_redundant() ? path : bold(path));
    write_labelled("", dim(details_of(group, file)));
    for (const std::string& name : file.photo.hard_links) {
      write_labelled("", dim("hard link: " + escape_for_terminal(name)));
    }
    write_companions(file.companions);
  }

  void write_companions(std::span<const CompanionFile> companions) {
    for (const CompanionFile& companion : companions) {
      write_labelled("", dim(std::string(to_string(companion.kind)) + ": " +
                             escape_for_terminal(companion.path)));
    }
  }

  static std::string_view label_of(const GroupFile& file) {
    if (file.is_keeper) return "keep";
    if (file.is_reference) return "reference";
    return file.has_own_companions ? "keep, too"
                                   : to_string(file.evidence.match);
  }

  void write_labelled(std::string_view label, const std::string& text) {
    out_ << "  " << padded(label, kLabelWidth) << text << '\n';
  }

  /// "jpeg, 4000 x 3000, 3.9 MiB; 99.2 % alike, dhash 3; crop; mirrored".
  std::string details_of(const Group& group, const GroupFile& file) const {
    const std::string details = details_of(file.photo, file.picture);
    const std::string reason = file.is_keeper
                                   ? escape_for_terminal(group.keep_reason)
                                   : evidence_of(file);
    return reason.empty() ? details : details + "; " + reason;
  }

  static std::string details_of(const Photo& photo, const Picture& picture) {
    const PictureInfo& info = picture.info;
    std::string details(to_string(info.format));
    if (info.width > 0 && info.height > 0) {
      details += ", " + std::to_string(info.width) + " x " +
                 std::to_string(info.height);
    }
    details += ", " + human_size(photo.size_bytes);
    if (!picture.look) details += ", cannot be decoded";
    return details;
  }

  std::string evidence_of(const GroupFile& file) const {
    if (file.evidence.match == MatchKind::exact) return "same bytes";
    if (file.copy_of != nullptr) {
      return "same bytes as " + escape_for_terminal(file.copy_of->path);
    }
    return words_of(file.evidence);
  }

  std::string words_of(const Evidence& evidence) const {
    return evidence_in_words(evidence, report_.settings.verify,
                             report_.settings.hash_methods);
  }

  void write_discarded() {
    const std::vector<DiscardedLink>& links = report_.grouping.discarded;
    if (links.empty()) return;
    out_ << counted(links.size(), "link") << " left out:\n";
    for (const DiscardedLink& link : links) {
      if (!out_) return;
      write_labelled(to_string(link.evidence.match),
                     escape_for_terminal(report_.photos[link.first].path));
      write_labelled("", escape_for_terminal(report_.photos[link.second].path));
      write_labelled("", dim(words_of(link.evidence)));
    }
    out_ << '\n';
  }

  void write_problems() {
    const std::vector<FileProblem>& errors = report_.errors;
    if (errors.empty()) return;
    out_ << counted(errors.size(), "problem") << ":\n";
    const std::size_t shown = std::min(errors.size(), kMaxProblems);
    for (std::size_t i = 0; i < shown; ++i) {
      const FileProblem& problem = errors[i];
      out_ << "  " << escape_for_terminal(problem.path) << '\n';
      std::string reason(to_string(problem.stage));
      reason += ": ";
      reason += to_string(problem.error.code);
      if (!problem.error.message.empty()) {
        reason += ": " + escape_for_terminal(problem.error.message);
      }
      out_ << "      " << dim(reason) << '\n';
    }
    if (errors.size() > shown) {
      out_ << "  and " << grouped(errors.size() - shown)
           << " more; see --format json\n";
    }
    out_ << '\n';
  }

  void write_summary() {
    std::vector<SummaryLine> lines = file_lines();
    if (report_.settings.detect_duplicates) {
      for (SummaryLine& line : group_lines()) lines.push_back(std::move(line));
    }
    std::size_t label_width = 0;
    std::size_t number_width = 0;
    for (const SummaryLine& line : lines) {
      label_width = std::max(label_width, line.label.size());
      number_width = std::max(number_width, grouped(line.number).size());
    }
    for (const SummaryLine& line : lines) {
      const std::string number = grouped(line.number);
      out_ << padded(line.label, label_width + 2)
           << std::string(number_width - number.size(), ' ') << number;
      if (!line.remark.empty()) out_ << "  " << dim(line.remark);
      out_ << '\n';
    }
  }

  std::vector<SummaryLine> file_lines() const {
    const Stats& stats = report_.stats;
    std::vector<SummaryLine> lines = {
        {"Files seen", stats.files_seen, ""},
        {"  hashed", stats.files_hashed,
         stats.bytes_read > 0 ? human_size(stats.bytes_read) + " read" : ""},
        {"  unchanged", stats.files_unchanged, ""},
        {"  failed", stats.files_failed, remark_on_unreadable(stats)},
        {"  skipped", stats.files_skipped, remark_on_skipped(stats)},
    };
    if (stats.hard_links > 0) {
      lines.push_back(
          {"Hard links", stats.hard_links, "further names of these files"});
    }
    return lines;
  }

  std::vector<SummaryLine> group_lines() const {
    Redundant redundant;
    for (const Group& group : report_.grouping.groups) {
      add_group(report_, group, redundant);
    }
    const Share& sure = redundant.sure;
    const Share& similar = redundant.similar;
    std::vector<SummaryLine> lines = {
        {report_.settings.new_only ? "New groups" : "Duplicate groups",
         report_.grouping.groups.size(), ""},
        {"  sure copies", sure.files,
         sure.files > 0 ? human_size(sure.bytes) + " could be freed" : ""},
        {"  similar", similar.files,
         similar.files > 0
             ? human_size(similar.bytes) + "; look before you delete"
             : ""},
    };
    if (!report_.grouping.sets.empty()) {
      lines.push_back({"Sets", report_.grouping.sets.size(),
                       "bursts, and RAW with JPEG: not duplicates"});
    }
    if (!report_.grouping.discarded.empty()) {
      lines.push_back({"Links left out", report_.grouping.discarded.size(),
                       "matches between different groups"});
    }
    return lines;
  }

  const Report& report_;
  const ReportStyle& style_;
  std::ostream& out_;
};

}  // namespace

std::string evidence_in_words(const Evidence& evidence, bool verified,
                              std::span<const HashKind> methods) {
  std::string text;
  const auto add = [&](std::string_view separator, std::string_view part) {
    if (!text.empty()) text += separator;
    text += part;
  };
  if (verified) {
    // Rounded down: 100 % is for nothing less.
    const int permille =
        static_cast<int>(std::floor(evidence.similarity * 1000));
    add("", std::to_string(permille / 10) + '.' +
                std::to_string(permille % 10) + " % alike");
  }
  for (const HashKind kind : methods) {
    add(", ", hash_methods()[index_of(kind)].name);
    text += ' ' + std::to_string(evidence.distance[index_of(kind)]);
  }
  std::string_view separator = "; ";
  for (const Difference difference : kDifferences) {
    if (!evidence.has(difference)) continue;
    add(separator, to_string(difference));
    separator = ", ";
  }
  const std::string_view turn = turn_in_words(evidence.transform);
  if (!turn.empty()) add("; ", turn);
  return text;
}

void write_text(const Report& report, const ReportStyle& style,
                std::ostream& out) {
  TextWriter(report, style, out).write();
}

}  // namespace vam
