// Groups are made by asking for the matches of pictures in the order of their
// worth, which all processes with the same pictures do in the same order. So
// what is asked at once is cut into units, by the same rule everywhere; each
// process leases some, answers them, and reads the answers of the others. A
// process that joins late finds the first units answered and is soon where the
// others are.
//
// Where to cut, and where an answer or a batch ends because it has very many
// matches, depends on answers only: whoever gave them, all processes go on
// with the same batch. A process that is alone for certain need not agree with
// anybody: there, an answer ends where that of its finder does, and what was
// found is not looked for twice.
#include "analyze/shared_matching.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <thread>
#include <type_traits>
#include <utility>

#include "analyze/shared_hashing.hpp"

namespace vam {
namespace {

/// A batch is cut into so many units or fewer, of no fewer and, as batches of
/// group() go, no more pictures than this: little to do again when a process
/// dies, and yet some milliseconds of work beside one of the server's.
constexpr std::size_t kMostUnits = 32;
constexpr std::size_t kFewestPictures = 16;
constexpr std::size_t kMostPictures = 128;

/// The picture with which a unit, or a batch, comes to so many matches is the
/// last one that is answered: it is likely to take many that come after it.
constexpr std::size_t kMostUnitMatches = std::size_t{1} << 14;
constexpr std::size_t kMostBatchMatches = std::size_t{1} << 18;

/// How often to ask what others have done.
constexpr std::chrono::milliseconds kShortestPause{10};
constexpr std::chrono::milliseconds kLongestPause{200};

class ByteWriter {
 public:
  /// The lowest byte first.
  template <class T>
  void put(T value) {
    static_assert(std::is_unsigned_v<T>);
    for (std::size_t n = 0; n < sizeof value; ++n) {
      bytes_ += static_cast<char>(static_cast<std::uint8_t>(
          static_cast<std::uint64_t>(value) >> (8 * n)));
    }
  }
  void put_text(std::string_view text) {
    put(std::uint64_t{text.size()});
    bytes_ += text;
  }
  std::string take() { return std::move(bytes_); }
  Digest digest() const { return digest_of(std::as_bytes(std::span(bytes_))); }

 private:
  std::string bytes_;
};

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  /// 0 if there is too little, which is_good() tells.
  template <class T>
  T get() {
    if (bytes_.size() < sizeof(T)) {
      good_ = false;
      return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t n = 0; n < sizeof(T); ++n) {
      value |= std::uint64_t{static_cast<std::uint8_t>(bytes_[n])} << (8 * n);
    }
    bytes_.remove_prefix(sizeof(T));
    return static_cast<T>(value);
  }
  std::size_t left() const { return bytes_.size(); }
  bool is_good() const { return good_; }

 private:
  std::string_view bytes_;
  bool good_ = true;
};

constexpr std::size_t kMatchBytes = 4 + 1 + kHashKinds + 8 + 1 + 1;

void write(ByteWriter& writer, const Match& match) {
  const Evidence& evidence = match.evidence;
  writer.put(match.picture);
  writer.put(static_cast<std::uint8_t>(evidence.match));
  for (const int distance : evidence.distance) {
    writer.put(static_cast<std::uint8_t>(distance));
  }
  writer.put(std::bit_cast<std::uint64_t>(evidence.similarity));
  writer.put(evidence.transform);
  writer.put(evidence.differences);
}

Match read_match(ByteReader& reader) {
  Match match;
  Evidence& evidence = match.evidence;
  match.picture = reader.get<std::uint32_t>();
  evidence.match = static_cast<MatchKind>(reader.get<std::uint8_t>());
  for (int& distance : evidence.distance) {
    distance = reader.get<std::uint8_t>();
  }
  evidence.similarity = std::bit_cast<double>(reader.get<std::uint64_t>());
  evidence.transform = reader.get<std::uint8_t>();
  evidence.differences = reader.get<std::uint8_t>();
  return match;
}

/// Whether it could be one.
bool makes_sense(const Match& match) {
  const Evidence& evidence = match.evidence;
  unsigned known = 0;
  for (const Difference difference : kDifferences) {
    known |= static_cast<unsigned>(difference);
  }
  return evidence.match <= MatchKind::exact &&
         std::ranges::all_of(
             evidence.distance,
             [](int distance) { return distance <= kHashBits; }) &&
         evidence.similarity >= 0 && evidence.similarity <= 1 &&
         evidence.transform >= kUpright &&
         evidence.transform < kUpright + kOrientations &&
         (evidence.differences & ~known) == 0;
}

void write(ByteWriter& writer, const Picture& picture) {
  for (const std::uint8_t byte : picture.digest.bytes) writer.put(byte);
  writer.put(picture.info.width);
  writer.put(picture.info.height);
  writer.put_text(picture.info.taken_at);
  writer.put_text(picture.info.metadata.camera_make);
  writer.put_text(picture.info.metadata.camera_model);
  writer.put(static_cast<std::uint8_t>(picture.look ? 1 : 0));
  if (!picture.look) return;
  for (const Hash hash : picture.look->hashes) writer.put(hash);
  writer.put(picture.look->detail);
  const Region& content = picture.look->content;
  for (const auto side :
       {content.left, content.top, content.right, content.bottom}) {
    writer.put(side);
  }
}

Digest digest_of_pictures(std::span<const std::uint32_t> pictures) {
  ByteWriter writer;
  for (const std::uint32_t picture : pictures) writer.put(picture);
  return writer.digest();
}

class SharedFinder : public MatchFinder {
 public:
  SharedFinder(std::unique_ptr<MatchFinder> finder, SearchQueue& queue,
               Company company, const Digest& key, const MatchInput& input)
      : finder_(std::move(finder)),
        queue_(queue),
        is_alone_(company == Company::none),
        input_(input) {
    queue_.join(key);
  }

  Answers find(std::span<const std::uint32_t> pictures) override {
    peers_ = std::exchange(fresh_peers_, 0);
    ask(pictures);
    auto pause = kShortestPause;
    while (!is_answered()) {
      poll(input_.stop);
      const bool has_worked = work();
      // Even so: it may turn out that less is needed.
      if (fetch() || has_worked) {
        pause = kShortestPause;
        continue;
      }
      std::this_thread::sleep_for(pause);
      pause = std::min(2 * pause, kLongestPause);
    }
    return take_answers();
  }

  std::optional<Evidence> confirm(std::uint32_t first, std::uint32_t second,
                                  Orientation transform) override {
    return finder_->confirm(first, second, transform);
  }

  std::string description() const override {
    std::string text = finder_->description();
    if (!is_alone_) {
      text += ", for " + std::to_string(found_here_) + " of " +
              std::to_string(found_) + " pictures here";
    }
    return text;
  }

 private:
  struct Unit {
    std::span<const std::uint32_t> pictures;
    std::optional<Answers> answers;

    bool is_partial() const { return answers->size() < pictures.size(); }
    std::size_t matches() const {
      std::size_t count = 0;
      for (const auto& found : *answers) count += found.size();
      return count;
    }
  };

  void ask(std::span<const std::uint32_t> pictures) {
    units_.clear();
    const std::size_t size = std::clamp(pictures.size() / kMostUnits,
                                        kFewestPictures, kMostPictures);
    std::vector<Digest> names;
    for (std::size_t begin = 0; begin < pictures.size(); begin += size) {
      const auto part =
          pictures.subspan(begin, std::min(size, pictures.size() - begin));
      units_.push_back({part, std::nullopt});
      names.push_back(digest_of_pictures(part));
    }
    end_ = units_.size();
    const bool is_alone = end_ == 0 || !queue_.ask(names);
    if (!is_alone) peers_ = std::max(peers_, std::size_t{1});
  }

  /// Whether all units that count have an answer. What comes after one that is
  /// partial does not count, nor what comes after too many matches.
  bool is_answered() {
    bool all = true;
    std::size_t matches = 0;
    for (std::size_t place = 0; place < end_; ++place) {
      const Unit& unit = units_[place];
      if (!unit.answers) {
        all = false;
        continue;
      }
      matches += unit.matches();
      if (unit.is_partial() || (!is_alone_ && matches >= kMostBatchMatches)) {
        end_ = place + 1;
      }
    }
    return all;
  }

  Answers take_answers() {
    Answers all;
    for (std::size_t place = 0; place < end_; ++place) {
      std::ranges::move(*units_[place].answers, std::back_inserter(all));
    }
    units_.clear();
    found_ += all.size();
    return all;
  }

  /// Answers some units that nobody else has; false if there are none.
  bool work() {
    std::size_t open = 0;
    for (std::size_t place = 0; place < end_; ++place) {
      if (!units_[place].answers) ++open;
    }
    if (open == 0) return false;
    const auto lease = queue_.take(end_, share_of(open));
    if (!lease) return false;
    fresh_peers_ = std::max(fresh_peers_, lease->others);
    try {
      if (!answer(*lease)) queue_.give_back(*lease);
    } catch (...) {
      leave(*lease);
      throw;
    }
    return true;
  }

  /// How many units to take of those that are open. A search for many pictures
  /// at once costs less than several, so that a process which is alone takes
  /// all. But what one takes, the others cannot: half of its share, and in the
  /// end an eighth of what its share of the whole would be.
  std::size_t share_of(std::size_t open) const {
    const std::size_t peers = std::max(peers_, fresh_peers_);
    if (peers == 0) return open;
    return std::max(
        {open / (2 * (peers + 1)), end_ / (8 * (peers + 1)), std::size_t{1}});
  }

  void leave(const UnitLease& lease) noexcept {
    try {
      queue_.give_back(lease);
    } catch (const std::exception&) {  // it will run out
    }
  }

  /// False if some units are left without an answer, for none is needed or
  /// others have them.
  bool answer(const UnitLease& lease) {
    std::vector<std::uint32_t> asked;
    for (const UnitLease::Unit& unit : lease.units) {
      const auto& pictures = units_.at(unit.place).pictures;
      asked.insert(asked.end(), pictures.begin(), pictures.end());
    }
    std::size_t next = 0;  // of those asked
    Answers found;         // of those before it, the last one first
    for (std::size_t n = 0; n < lease.units.size(); ++n) {
      Unit& unit = units_.at(lease.units[n].place);
      Answers answers;
      std::size_t matches = 0;
      while (answers.size() < unit.pictures.size() &&
             (is_alone_ || matches < kMostUnitMatches)) {
        if (found.empty()) {
          if (is_alone_ && next > 0) break;
          found = finder_->find(std::span(asked).subspan(next));
          next += found.size();
          std::ranges::reverse(found);
        }
        matches += found.back().size();
        answers.push_back(std::move(found.back()));
        found.pop_back();
      }
      if (answers.empty()) {  // what was given at once ended with the last unit
        end_ = lease.units[n].place;
        return false;
      }
      const std::string text = is_alone_ ? std::string() : written(answers);
      if (!queue_.answer(lease, n, text)) return false;
      found_here_ += answers.size();
      unit.answers = std::move(answers);
      if (unit.is_partial()) return n + 1 == lease.units.size();
    }
    return true;
  }

  /// Reads answers of others; false if there are none.
  bool fetch() {
    std::vector<std::size_t> missing;
    for (std::size_t place = 0; place < end_; ++place) {
      if (!units_[place].answers) missing.push_back(place);
    }
    if (missing.empty()) return false;
    const std::vector<UnitAnswer> fetched = queue_.answers(missing);
    for (const UnitAnswer& answered : fetched) {
      Unit& unit = units_.at(answered.place);
      unit.answers =
          read_answers(answered.answer, unit.pictures, input_.pictures.size());
      // Nobody but this program writes there; should somebody have, it is not
      // believed.
      if (!unit.answers) unit.answers = finder_->find(unit.pictures);
      if (input_.observer == nullptr) continue;
      for (std::size_t n = 0; n < unit.answers->size(); ++n) {
        input_.observer->advanced();
      }
    }
    return !fetched.empty();
  }

  const std::unique_ptr<MatchFinder> finder_;
  SearchQueue& queue_;
  const bool is_alone_;
  const MatchInput input_;
  std::vector<Unit> units_;  ///< of this batch
  std::size_t end_ = 0;      ///< of the units that count
  /// Other processes: most leases that they had at once while the last batch
  /// was answered, and since; at least one if another one asks.
  std::size_t peers_ = 0;
  std::size_t fresh_peers_ = 0;
  std::size_t found_here_ = 0;
  std::size_t found_ = 0;
};

}  // namespace

Digest search_key(const MatchInput& input, Ways ways,
                  const AnalyzeOptions& options) {
  ByteWriter writer;
  writer.put_text(decoder_versions());
  writer.put(static_cast<std::uint8_t>(ways));
  writer.put(static_cast<std::uint8_t>(options.verify ? 1 : 0));
  writer.put(static_cast<std::uint8_t>(options.transforms));
  writer.put(static_cast<std::uint8_t>(input.rule.max_distance));
  writer.put(std::uint64_t{input.rule.methods.size()});
  for (const HashKind method : input.rule.methods) {
    writer.put(static_cast<std::uint8_t>(method));
  }
  DigestStream stream;
  const auto add = [&](std::string bytes) {
    stream.add(std::as_bytes(std::span(bytes)));
  };
  add(writer.take());
  for (const Picture& picture : input.pictures) {
    ByteWriter one;
    write(one, picture);
    add(one.take());
  }
  return stream.digest();
}

std::unique_ptr<MatchFinder> make_shared_finder(
    std::unique_ptr<MatchFinder> finder, SearchQueue& queue, Company company,
    const Digest& key, const MatchInput& input) {
  return std::make_unique<SharedFinder>(std::move(finder), queue, company, key,
                                        input);
}

std::string written(const Answers& answers) {
  ByteWriter writer;
  writer.put(static_cast<std::uint32_t>(answers.size()));
  for (const auto& matches : answers) {
    writer.put(static_cast<std::uint32_t>(matches.size()));
    for (const Match& match : matches) write(writer, match);
  }
  return writer.take();
}

std::optional<Answers> read_answers(std::string_view bytes,
                                    std::span<const std::uint32_t> pictures,
                                    std::size_t picture_count) {
  ByteReader reader(bytes);
  const std::size_t count = reader.get<std::uint32_t>();
  if (count == 0 || count > pictures.size()) return std::nullopt;
  Answers answers(count);
  for (std::size_t n = 0; n < count; ++n) {
    const std::size_t matches = reader.get<std::uint32_t>();
    if (matches > reader.left() / kMatchBytes) return std::nullopt;
    std::uint64_t least = 0;  // they are in order
    for (std::size_t i = 0; i < matches; ++i) {
      const Match match = read_match(reader);
      if (match.picture < least || match.picture >= picture_count ||
          match.picture == pictures[n] || !makes_sense(match)) {
        return std::nullopt;
      }
      least = std::uint64_t{match.picture} + 1;
      answers[n].push_back(match);
    }
  }
  if (!reader.is_good() || reader.left() > 0) return std::nullopt;
  return answers;
}

}  // namespace vam
