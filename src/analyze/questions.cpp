// Questions about single files: what is like this one, why are these two not in
// one group. Files that the catalog does not know take part as if it did.
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

#include "analyze/candidates.hpp"
#include "analyze/decoder_process.hpp"
#include "analyze/known_files.hpp"
#include "analyze/matching.hpp"
#include "analyze/settings.hpp"
#include "vam/analyze.hpp"
#include "vam/group.hpp"
#include "vam/scan.hpp"

namespace vam {
namespace {

bool is_there(const std::string& path) {
  struct stat status {};
  return lstat(path.c_str(), &status) == 0;
}

class Questions {
 public:
  Questions(Catalog& catalog, const AnalyzeOptions& options,
            AnalyzeObserver& observer, const std::atomic<bool>* stop)
      : catalog_(catalog),
        options_(options),
        observer_(observer),
        stop_(stop),
        decoder_(options.decoder_command, options.file_timeout_seconds, stop),
        known_(catalog) {
    std::vector<Digest> held;
    for (const KnownFiles::File& file : known_.all()) {
      held.push_back(file.record.digest);
    }
    std::ranges::sort(held);
    pictures_ = catalog.pictures();
    std::erase_if(pictures_, [&](const Picture& picture) {
      return !std::ranges::binary_search(held, picture.digest);
    });
    catalogued_ = pictures_.size();
  }

  /// Sees to it that the picture of this file is among the pictures; returns
  /// its number.
  Result<std::uint32_t> ask(const std::string& path) {
    const auto digest = known_.content_of(path);
    if (!digest) return tl::unexpected(digest.error());
    if (const auto number = number_of(*digest)) return *number;
    const auto bytes = read_file(path);
    if (!bytes) return tl::unexpected(bytes.error());
    std::ranges::copy(*bytes, decoder_.room_for(bytes->size()).begin());
    StepClock unread;
    Look look = decoder_.look(bytes->size(), options_.limits, unread);
    const Digest read = digest_of(*bytes);
    if (look.sketch) sketches_.push_back({read, std::move(*look.sketch)});
    pictures_.push_back(
        {read, std::move(look.info), std::move(look.fingerprint)});
    return static_cast<std::uint32_t>(pictures_.size() - 1);
  }

  std::optional<std::uint32_t> number_of(const Digest& digest) const {
    const auto end =
        pictures_.begin() + static_cast<std::ptrdiff_t>(catalogued_);
    auto found = std::ranges::lower_bound(pictures_.begin(), end, digest, {},
                                          &Picture::digest);
    if (found == end || found->digest != digest) {
      found = std::ranges::find(end, pictures_.end(), digest, &Picture::digest);
      if (found == pictures_.end()) return std::nullopt;
    }
    return static_cast<std::uint32_t>(found - pictures_.begin());
  }

  std::vector<std::optional<Sketch>> sketches_of(
      std::span<const Digest> digests) {
    auto found = catalog_.sketches(digests);
    for (std::size_t i = 0; i < digests.size(); ++i) {
      const auto own =
          std::ranges::find(sketches_, digests[i], &PictureSketch::digest);
      if (own != sketches_.end()) found[i] = own->sketch;
    }
    return found;
  }

  /// Forgets the pictures that none of these photos shows: a group must not
  /// hold them. Numbers anew, those of the photos, too.
  void forget_all_but(std::span<Photo> photos) {
    constexpr std::uint32_t kForgotten = ~std::uint32_t{0};
    std::vector<std::uint32_t> numbers(pictures_.size(), kForgotten);
    for (const Photo& photo : photos) numbers[photo.picture] = 0;
    std::vector<Picture> kept;
    std::size_t catalogued = 0;
    for (std::size_t old = 0; old < numbers.size(); ++old) {
      if (numbers[old] == kForgotten) continue;
      numbers[old] = static_cast<std::uint32_t>(kept.size());
      kept.push_back(std::move(pictures_[old]));
      if (old < catalogued_) ++catalogued;
    }
    for (Photo& photo : photos) photo.picture = numbers[photo.picture];
    pictures_ = std::move(kept);
    catalogued_ = catalogued;
  }

  /// Once all files have been asked for.
  std::unique_ptr<MatchFinder> search(Ways ways) {
    observer_.stage_started(
        {"searching", "pictures", pictures_.size(), 0, options_.workers});
    const MatchInput input{
        pictures_,
        options_.rule,
        [this] { return make_index(options_.index, options_.workers); },
        stop_,
        nullptr,
        &observer_};
    return make_finder(
        input, [this](auto digests) { return sketches_of(digests); }, ways,
        options_, catalog_);
  }

  /// The files of the catalog, with the numbers of their pictures.
  std::vector<Photo> photos() const {
    std::vector<Photo> photos;
    for (const KnownFiles::File& file : known_.all()) {
      if (const auto number = number_of(file.record.digest)) {
        photos.push_back({file.path,
                          {},
                          file.record.size_bytes,
                          file.record.mtime_ns,
                          *number,
                          0});
      }
    }
    return photos;
  }

  const std::vector<Picture>& pictures() const { return pictures_; }

 private:
  Catalog& catalog_;
  const AnalyzeOptions& options_;
  AnalyzeObserver& observer_;
  const std::atomic<bool>* const stop_;
  PictureDecoder decoder_;
  const KnownFiles known_;
  /// Those of the catalog that a file holds, sorted by digest, then those that
  /// were read now.
  std::vector<Picture> pictures_;
  std::size_t catalogued_ = 0;
  std::vector<PictureSketch> sketches_;  ///< of those that were read now
};

/// All files with these pictures, but the one that was asked about.
std::vector<LikeMatch> matches_of(const std::string& asked,
                                  std::uint32_t picture,
                                  std::vector<Match> found,
                                  const std::vector<Photo>& photos) {
  found.push_back({picture, Evidence{}});
  std::map<std::uint32_t, Evidence> evidence_of;
  for (const Match& match : found) {
    evidence_of.emplace(match.picture, match.evidence);
  }
  std::vector<LikeMatch> matches;
  for (const Photo& photo : photos) {
    const auto evidence = evidence_of.find(photo.picture);
    if (evidence != evidence_of.end() && photo.path != asked) {
      matches.push_back({photo.path, evidence->second, is_there(photo.path)});
    }
  }
  std::ranges::stable_sort(
      matches, std::greater<>(), [](const LikeMatch& match) {
        return std::tuple(match.evidence.match, match.evidence.similarity);
      });
  return matches;
}

/// Two files on the way to their explanation.
class Explainer {
 public:
  Explainer(const AnalyzeOptions& options, Questions& questions,
            Explanation& explanation)
      : options_(options), questions_(questions), told_(explanation) {}

  void compare() {
    const Picture& a = told_.first.picture;
    const Picture& b = told_.second.picture;
    if (!options_.verify) {
      told_.first.has_structure = is_comparable(a);
      told_.second.has_structure = is_comparable(b);
      told_.judgement.evidence = verify(a, b, options_.rule);
      return;
    }
    const auto sketches =
        questions_.sketches_of(std::array{a.digest, b.digest});
    told_.first.has_structure = has_structure_in(sketches[0]);
    told_.second.has_structure = has_structure_in(sketches[1]);
    if (!sketches[0] || !sketches[1]) return;

    const auto keyed = compare_keys(*sketches[0], *sketches[1], options_.rule,
                                    options_.transforms);
    std::vector<Pose> poses;
    for (const KeyedPose& pose : keyed) {
      if (!told_.nearest) told_.nearest = {pose.pose, pose.distance};
      if (!pose.is_candidate) continue;
      told_.candidates.push_back({pose.pose, pose.distance});
      poses.push_back(pose.pose);
    }
    if (poses.empty() && told_.nearest) {
      poses = all_poses(told_.nearest->pose.transform);
    }
    told_.judgement = judge({a, *sketches[0]}, {b, *sketches[1]}, poses);
  }

  void find_groups() {
    std::vector<Photo> photos = questions_.photos();
    std::erase_if(photos, [&](const Photo& photo) {
      return photo.path != told_.first.path &&
             photo.path != told_.second.path && !is_there(photo.path);
    });
    told_.first.in_catalog = is_among(photos, told_.first);
    told_.second.in_catalog = is_among(photos, told_.second);
    add_if_missing(told_.first, photos);
    add_if_missing(told_.second, photos);
    find_companions_of(photos);
    questions_.forget_all_but(photos);
    const std::uint32_t first = number_of(told_.first);
    const std::uint32_t second = number_of(told_.second);
    const auto finder = questions_.search(Ways::one);
    const Grouping grouping =
        group(photos, questions_.pictures(), *finder, options_.grouping);
    const Group* group_of_first = nullptr;
    const Group* group_of_second = nullptr;
    for (const Group& group : grouping.groups) {
      for (const GroupMember& member : group.members) {
        const std::uint32_t picture = photos[member.photo].picture;
        if (picture == first) group_of_first = &group;
        if (picture == second) group_of_second = &group;
      }
    }
    const auto name_keeper = [&](const Group* group, ExplainedFile& file) {
      if (group != nullptr) file.keeper = photos[group->keeper()].path;
    };
    name_keeper(group_of_first, told_.first);
    name_keeper(group_of_second, told_.second);
    told_.in_one_group =
        group_of_first != nullptr && group_of_first == group_of_second;
    if (told_.in_one_group) {
      const std::uint32_t keeper = photos[group_of_first->keeper()].picture;
      told_.reason = keeper == first || keeper == second
                         ? Reason::match
                         : Reason::through_keeper;
    }
    if (first == second) told_.reason = Reason::same_bytes;
    for (const PhotoSet& set : grouping.sets) {
      const auto holds = [&](std::uint32_t picture) {
        return std::ranges::any_of(set.photos, [&](std::uint32_t photo) {
          return photos[photo].picture == picture;
        });
      };
      in_one_set_ = in_one_set_ || (holds(first) && holds(second));
    }
  }

  /// Why they are in no group together.
  Reason reason() const {
    if (!told_.first.picture.look || !told_.second.picture.look) {
      return Reason::unreadable;
    }
    if (told_.marked_different) return Reason::marked_different;
    if (!told_.first.has_structure || !told_.second.has_structure) {
      return Reason::no_structure;
    }
    if (options_.verify && told_.candidates.empty()) {
      return Reason::not_a_candidate;
    }
    if (told_.judgement.evidence) {
      return in_one_set_ ? Reason::in_one_set : Reason::other_keeper;
    }
    return options_.verify ? Reason::refused : Reason::not_a_candidate;
  }

 private:
  std::uint32_t number_of(const ExplainedFile& file) const {
    return questions_.number_of(file.picture.digest).value();
  }

  bool is_among(const std::vector<Photo>& photos,
                const ExplainedFile& file) const {
    return std::ranges::any_of(photos, [&](const Photo& photo) {
      return photo.path == file.path && photo.picture == number_of(file);
    });
  }

  /// As the file is now, which may not be as the catalog knows it.
  void add_if_missing(const ExplainedFile& file,
                      std::vector<Photo>& photos) const {
    if (is_among(photos, file)) return;
    std::erase_if(photos,
                  [&](const Photo& photo) { return photo.path == file.path; });
    const auto entry = find_file(file.path);
    photos.push_back({file.path,
                      {},
                      entry ? entry->size_bytes : 0,
                      entry ? entry->mtime_ns : 0,
                      number_of(file),
                      0});
  }

  void find_companions_of(std::vector<Photo>& photos) const {
    std::vector<std::string> paths;
    paths.reserve(photos.size());
    for (const Photo& photo : photos) paths.push_back(photo.path);
    const auto found = find_companions(paths, scan_options_of(options_));
    for (std::size_t n = 0; n < photos.size(); ++n) {
      photos[n].companions = kinds_of(found[n]);
    }
  }

  static bool has_structure_in(const std::optional<Sketch>& sketch) {
    return sketch && !make_frame_keys(*sketch).empty();
  }

  const AnalyzeOptions& options_;
  Questions& questions_;
  Explanation& told_;
  bool in_one_set_ = false;
};

}  // namespace

LikeReport find_like(Catalog& catalog, const AnalyzeOptions& options,
                     std::span<const std::string> paths,
                     AnalyzeObserver& observer, const std::atomic<bool>* stop) {
  LikeReport report;
  report.version = VAM_VERSION;
  report.settings = settings_of(options);
  Questions questions(catalog, options, observer, stop);
  std::vector<std::uint32_t> asked;
  std::vector<std::size_t> asking;  // the answers that these belong to
  for (const std::string& path : paths) {
    LikeAnswer& answer = report.answers.emplace_back();
    answer.path = path;
    const auto picture = questions.ask(path);
    if (!picture) {
      answer.problem = picture.error();
      continue;
    }
    const auto& look = questions.pictures()[*picture].look;
    if (!look) answer.problem = look.error();
    asked.push_back(*picture);
    asking.push_back(report.answers.size() - 1);
  }
  const auto finder = questions.search(Ways::both);
  std::vector<std::vector<Match>> found;
  while (found.size() < asked.size()) {
    std::ranges::move(finder->find(std::span(asked).subspan(found.size())),
                      std::back_inserter(found));
  }
  observer.stage_ended();
  const std::vector<Photo> photos = questions.photos();
  for (std::size_t i = 0; i < asked.size(); ++i) {
    LikeAnswer& answer = report.answers[asking[i]];
    answer.matches =
        matches_of(answer.path, asked[i], std::move(found[i]), photos);
  }
  return report;
}

Explanation explain(Catalog& catalog, const AnalyzeOptions& options,
                    const std::string& first, const std::string& second,
                    AnalyzeObserver& observer, const std::atomic<bool>* stop) {
  Explanation explanation;
  explanation.version = VAM_VERSION;
  explanation.settings = settings_of(options);
  Questions questions(catalog, options, observer, stop);
  std::array<std::uint32_t, 2> numbers{};
  for (const auto& [path, number] :
       {std::pair(&first, &numbers[0]), std::pair(&second, &numbers[1])}) {
    const auto picture = questions.ask(*path);
    if (!picture) {
      throw FatalError("cannot explain " + *path + ": " +
                       picture.error().message);
    }
    *number = *picture;
  }
  explanation.first.path = first;
  explanation.first.picture = questions.pictures()[numbers[0]];
  explanation.second.path = second;
  explanation.second.picture = questions.pictures()[numbers[1]];
  explanation.marked_different = std::ranges::binary_search(
      catalog.different_pairs(),
      different_pair(explanation.first.picture.digest,
                     explanation.second.picture.digest));
  Explainer explainer(options, questions, explanation);
  explainer.compare();
  explainer.find_groups();
  observer.stage_ended();
  if (!explanation.in_one_group && explanation.reason != Reason::same_bytes) {
    explanation.reason = explainer.reason();
  }
  return explanation;
}

}  // namespace vam
