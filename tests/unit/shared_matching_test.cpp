// A search that is shared, over a queue in memory.
#include "analyze/shared_matching.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "analyze/shared_hashing.hpp"
#include "catalog/local_queue.hpp"
#include "catch.hpp"
#include "pictures.hpp"
#include "vam/error.hpp"
#include "vam/group.hpp"

using namespace vam;

namespace {

/// What a server holds of one search.
struct Board {
  struct Row {
    Digest unit;
    std::int64_t token = 0;  ///< 0: nobody has it
    std::optional<std::string> answer;
  };
  std::mutex mutex;
  std::deque<Row> rows;
  std::int64_t tokens = 0;
  const void* asker = nullptr;

  Row& row_of(const Digest& unit) {
    const auto found = std::ranges::find(rows, unit, &Row::unit);
    if (found != rows.end()) return *found;
    return rows.emplace_back(Row{unit, 0, {}});
  }
};

/// One process's view of it.
class Member final : public SearchQueue {
 public:
  explicit Member(Board& board) : board_(board) {}

  void join(const Digest& /*key*/) override {}
  bool ask(std::span<const Digest> units) override {
    const std::lock_guard lock(board_.mutex);
    units_.assign(units.begin(), units.end());
    for (const Digest& unit : units_) board_.row_of(unit);
    asked += units.size();
    const void* const before = std::exchange(board_.asker, this);
    return before != nullptr && before != this;
  }
  std::optional<UnitLease> take(std::size_t end, std::size_t most) override {
    if (before_take) before_take();
    const std::lock_guard lock(board_.mutex);
    UnitLease lease{++board_.tokens, {}, 0};
    for (std::size_t place = 0; place < end; ++place) {
      Board::Row& row = board_.row_of(units_[place]);
      if (row.token != 0 || row.answer || lease.units.size() == most) continue;
      row.token = lease.token;
      lease.units.push_back({place, 0});
    }
    if (lease.units.empty()) return std::nullopt;
    return lease;
  }
  bool answer(const UnitLease& lease, std::size_t unit,
              std::string_view answer) override {
    const std::lock_guard lock(board_.mutex);
    Board::Row& row = board_.row_of(units_[lease.units.at(unit).place]);
    if (row.token != lease.token) return false;
    row.answer = answer;
    ++answered;
    return true;
  }
  void give_back(const UnitLease& lease) override {
    const std::lock_guard lock(board_.mutex);
    for (Board::Row& row : board_.rows) {
      if (row.token == lease.token && !row.answer) row.token = 0;
    }
  }
  std::vector<UnitAnswer> answers(std::span<const std::size_t> units) override {
    if (before_answers) before_answers();
    const std::lock_guard lock(board_.mutex);
    std::vector<UnitAnswer> answers;
    for (const std::size_t place : units) {
      const auto& answer = board_.row_of(units_.at(place)).answer;
      if (answer) answers.push_back({place, *answer});
    }
    return answers;
  }

  std::size_t asked = 0;
  std::size_t answered = 0;
  std::function<void()> before_take;
  std::function<void()> before_answers;

 private:
  Board& board_;
  std::vector<Digest> units_;
};

/// Pictures match those whose number differs from theirs by `apart` at most,
/// and that are of the same family of so many. Answers `at_once` at most.
class Neighbours final : public MatchFinder {
 public:
  explicit Neighbours(
      std::uint32_t count, std::uint32_t apart,
      std::uint32_t family = std::numeric_limits<std::uint32_t>::max(),
      std::size_t at_once = std::numeric_limits<std::size_t>::max())
      : count_(count), apart_(apart), family_(family), at_once_(at_once) {}

  std::size_t asked = 0;
  std::function<void()> before_find;

  Answers find(std::span<const std::uint32_t> pictures) override {
    if (before_find) before_find();
    Answers all;
    for (const std::uint32_t picture :
         pictures.first(std::min(pictures.size(), at_once_))) {
      ++asked;
      auto& matches = all.emplace_back();
      const std::uint32_t begin = picture - std::min(picture, apart_);
      const std::uint32_t end = std::min(count_, picture + apart_ + 1);
      for (std::uint32_t other = begin; other < end; ++other) {
        if (other == picture || other / family_ != picture / family_) {
          continue;
        }
        matches.push_back({other, evidence_of(picture, other)});
      }
    }
    return all;
  }
  std::optional<Evidence> confirm(std::uint32_t first, std::uint32_t second,
                                  Orientation) override {
    return evidence_of(first, second);
  }
  std::string description() const override { return "neighbours"; }

  static Evidence evidence_of(std::uint32_t a, std::uint32_t b) {
    Evidence evidence;
    evidence.match = MatchKind::similar;
    evidence.similarity = 1.0 / (3.0 + (a ^ b));
    evidence.transform = static_cast<Orientation>(1 + (a + b) % 8);
    evidence.differences = static_cast<std::uint8_t>(a % 64);
    evidence.distance = {static_cast<int>(a % 65), static_cast<int>(b % 65), 1};
    return evidence;
  }

 private:
  std::uint32_t count_;
  std::uint32_t apart_;
  std::uint32_t family_;
  std::size_t at_once_;
};

struct Collection {
  std::vector<Picture> pictures;
  std::vector<Photo> photos;
  VerifyRule rule = plain_rule();
  std::atomic<bool> stop = false;

  explicit Collection(std::uint32_t count) {
    for (std::uint32_t n = 0; n < count; ++n) {
      Picture picture = make_picture(0, 0);
      picture.digest = digest_of(std::as_bytes(std::span(&n, 1)));
      // The order of worth is that of their numbers.
      picture.info.width = 10'000 - n % 10'000;
      pictures.push_back(std::move(picture));
      photos.push_back(make_photo(std::to_string(100'000 + n), n));
    }
  }

  MatchInput input() { return {pictures, rule, {}, &stop}; }
};

/// A process: its finder, and its place in the queue.
struct Process {
  Member member;
  Neighbours* finder;
  std::unique_ptr<MatchFinder> shared;

  Process(Board& board, const Neighbours& neighbours, const MatchInput& input)
      : member(board) {
    auto own = std::make_unique<Neighbours>(neighbours);
    finder = own.get();
    shared = make_shared_finder(std::move(own), member, Company::possible, {},
                                input);
  }
};

std::string described(const Grouping& grouping) {
  std::string text;
  for (const Group& group : grouping.groups) {
    for (const GroupMember& member : group.members) {
      text += std::to_string(member.photo) + ' ' +
              std::to_string(member.evidence.similarity) + ' ' +
              std::to_string(member.evidence.transform) + ' ' +
              std::to_string(member.evidence.differences) + ", ";
    }
    text += '\n';
  }
  for (const DiscardedLink& link : grouping.discarded) {
    text += std::to_string(link.first) + '-' + std::to_string(link.second) +
            ' ' + std::to_string(link.evidence.similarity) + '\n';
  }
  return text;
}

std::vector<std::uint32_t> numbers(std::uint32_t begin, std::uint32_t end) {
  std::vector<std::uint32_t> all;
  for (std::uint32_t n = begin; n < end; ++n) all.push_back(n);
  return all;
}

std::size_t matches_in(const Board& board) {
  std::size_t matches = 0;
  for (const Board::Row& row : board.rows) {
    if (row.answer) matches += row.answer->size() / 18;
  }
  return matches;
}

void check_same(const Answers& some, const Answers& others) {
  CHECK((written(some) == written(others)));
}

}  // namespace

TEST_CASE("shared matching: answers survive as they are") {
  Answers answers(4);
  Evidence least;
  least.match = MatchKind::similar;
  least.distance = {0, 64, 33};
  least.similarity = std::numeric_limits<double>::denorm_min();
  least.transform = 8;
  least.differences = 63;
  Evidence odd;
  odd.match = MatchKind::same_image;
  odd.similarity = 0.1 + 0.2;
  answers[1] = {{0, least}, {7, odd}};
  answers[3] = {{3, {}}};
  const auto pictures = numbers(1, 5);
  const std::string bytes = written(answers);
  const auto read = read_answers(bytes, pictures, 8);
  REQUIRE(read);
  REQUIRE(read->size() == 4);
  REQUIRE((*read)[1].size() == 2);
  const Evidence& first = (*read)[1][0].evidence;
  CHECK(first.match == MatchKind::similar);
  CHECK(first.distance == HashDistances{0, 64, 33});
  CHECK(first.similarity == std::numeric_limits<double>::denorm_min());
  CHECK(first.transform == 8);
  CHECK(first.differences == 63);
  CHECK((*read)[1][1].picture == 7);
  CHECK((*read)[1][1].evidence.similarity == 0.1 + 0.2);
  CHECK((*read)[3][0].evidence.match == MatchKind::exact);
  check_same(*read, answers);
}

TEST_CASE("shared matching: what is no answer is not believed") {
  const auto pictures = numbers(1, 3);
  const Evidence fine = Neighbours::evidence_of(1, 2);
  const auto is_read = [&](const Answers& answers) {
    return read_answers(written(answers), pictures, 8).has_value();
  };
  CHECK(is_read({{{0, fine}, {2, fine}}, {}}));
  CHECK(is_read({{{0, fine}}}));            // partial
  CHECK_FALSE(is_read({}));                 // of none
  CHECK_FALSE(is_read({{}, {}, {}}));       // of more
  CHECK_FALSE(is_read({{{8, fine}}}));      // no such picture
  CHECK_FALSE(is_read({{}, {{2, fine}}}));  // itself
  CHECK_FALSE(is_read({{{2, fine}, {0, fine}}}));
  CHECK_FALSE(is_read({{{2, fine}, {2, fine}}}));
  const std::vector<std::function<void(Evidence&)>> harms = {
      [](Evidence& evidence) { evidence.similarity = 1.5; },
      [](Evidence& evidence) { evidence.similarity = -0.1; },
      [](Evidence& evidence) { evidence.similarity = std::nan(""); },
      [](Evidence& evidence) { evidence.transform = 0; },
      [](Evidence& evidence) { evidence.transform = 9; },
      [](Evidence& evidence) { evidence.differences = 64; },
      [](Evidence& evidence) { evidence.distance[2] = 65; },
      [](Evidence& evidence) { evidence.match = static_cast<MatchKind>(3); }};
  for (const auto& harm : harms) {
    Evidence evidence = fine;
    harm(evidence);
    CHECK_FALSE(is_read({{{2, evidence}}}));
  }
  const std::string bytes = written({{{0, fine}, {2, fine}}, {}});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK_FALSE(read_answers(bytes.substr(0, size), pictures, 8));
  }
  CHECK_FALSE(read_answers(bytes + '\0', pictures, 8));
}

TEST_CASE("shared matching: one process alone finds what its finder finds") {
  Collection collection(3000);
  const Neighbours plain(3000, 2, 10, 700);
  Neighbours alone = plain;
  Board board;
  Process process(board, plain, collection.input());
  for (const auto& asked :
       {numbers(0, 1), numbers(5, 21), numbers(0, 3000), numbers(7, 990)}) {
    Answers expected;
    while (expected.size() < asked.size()) {
      std::ranges::move(alone.find(std::span(asked).subspan(expected.size())),
                        std::back_inserter(expected));
    }
    check_same(process.shared->find(asked), expected);
  }
  CHECK(process.shared->find({}).empty());
  CHECK(board.rows.size() < 150);
}

TEST_CASE("shared matching: processes at once make the groups of one alone") {
  // Families of three and of twenty, and a finder that answers few at once.
  for (const std::uint32_t family : {3U, 20U}) {
    CAPTURE(family);
    Collection collection(4000);
    Neighbours plain(4000, 4, family, 300);
    Neighbours alone = plain;
    const std::string expected =
        described(group(collection.photos, collection.pictures, alone));
    plain.before_find = [] {
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    };
    Board board;
    std::vector<std::unique_ptr<Process>> processes;
    std::vector<std::string> made(3);
    std::vector<std::thread> threads;
    for (std::string& text : made) {
      Process& process = *processes.emplace_back(
          std::make_unique<Process>(board, plain, collection.input()));
      threads.emplace_back([&] {
        text = described(
            group(collection.photos, collection.pictures, *process.shared));
      });
    }
    for (std::thread& thread : threads) thread.join();
    std::size_t asked = 0;
    for (const auto& process : processes) asked += process->finder->asked;
    for (const std::string& text : made) CHECK(text == expected);
    // Nothing was looked for twice; who comes later has nothing to look for.
    Board unshared;
    Process single(unshared, plain, collection.input());
    Process late(board, plain, collection.input());
    group(collection.photos, collection.pictures, *single.shared);
    CHECK(described(group(collection.photos, collection.pictures,
                          *late.shared)) == expected);
    CHECK(asked == single.finder->asked);
    CHECK(board.rows.size() == unshared.rows.size());
    CHECK(late.finder->asked == 0);
  }
}

TEST_CASE("shared matching: answers of others are waited for") {
  Collection collection(100);
  Neighbours plain(100, 2);
  Board board;
  Process process(board, plain, collection.input());
  process.member.before_take = [&] { board.rows.at(1).token = 999; };
  int polls = 0;
  process.member.before_answers = [&] {
    if (++polls < 4) return;
    board.rows.at(1).answer = written(plain.find(numbers(16, 32)));
  };
  check_same(process.shared->find(numbers(0, 48)),
             Neighbours(plain).find(numbers(0, 48)));
  CHECK(process.finder->asked == 32);
  CHECK(process.shared->description().find("32 of 48") != std::string::npos);
}

TEST_CASE("shared matching: a unit that was lost to another is read from it") {
  Collection collection(100);
  Neighbours plain(100, 2);
  Board board;
  Neighbours slow = plain;
  slow.before_find = [&] { board.rows.at(0).token = 999; };
  Process process(board, slow, collection.input());
  Answers of_other = plain.find(numbers(0, 16));
  of_other[3].clear();  // to see whose answer counts
  process.member.before_answers = [&] {
    board.rows.at(0).answer = written(of_other);
  };
  check_same(process.shared->find(numbers(0, 16)), of_other);
}

TEST_CASE("shared matching: an answer that makes no sense is found anew") {
  Collection collection(100);
  const Neighbours plain(100, 2);
  Board board;
  Process process(board, plain, collection.input());
  process.member.before_take = [&] { board.rows.at(0).answer = "nonsense"; };
  check_same(process.shared->find(numbers(0, 16)),
             Neighbours(plain).find(numbers(0, 16)));
}

TEST_CASE("shared matching: an interrupt gives back what is not answered") {
  Collection collection(1000);
  Neighbours plain(1000, 2, 10, 100);
  int calls = 0;
  plain.before_find = [&] {
    if (++calls == 2) throw Interrupted();
  };
  Board board;
  Process process(board, plain, collection.input());
  CHECK_THROWS_AS(process.shared->find(numbers(0, 1000)), Interrupted);
  CHECK(process.member.answered == 3);
  for (const Board::Row& row : board.rows) {
    CHECK((row.token == 0 || row.answer.has_value()));
  }
  // While it waits, too.
  Process other(board, Neighbours(1000, 2), collection.input());
  for (Board::Row& row : board.rows) row.token = 999;
  other.member.before_answers = [&] { collection.stop = true; };
  CHECK_THROWS_AS(other.shared->find(numbers(0, 1000)), Interrupted);
}

TEST_CASE("shared matching: of ten thousand copies few matches are stored") {
  constexpr std::uint32_t kCount = 10'000;
  Collection collection(kCount);
  const Neighbours plain(kCount, kCount,
                         std::numeric_limits<std::uint32_t>::max(), 26);
  Board board;
  Process process(board, plain, collection.input());
  const Grouping grouping =
      group(collection.photos, collection.pictures, *process.shared);
  REQUIRE(grouping.groups.size() == 1);
  CHECK(grouping.groups[0].members.size() == kCount);
  CHECK(matches_in(board) < std::size_t{3} * kCount);
}

TEST_CASE("shared matching: what comes after very many matches is left out") {
  // Every picture has 400: 41 of a unit come to 16,384, and no more are
  // answered at once, whatever the finder would give.
  constexpr std::uint32_t kCount = 20'000;
  Collection collection(kCount);
  Board board;
  Process process(board, Neighbours(kCount, 200), collection.input());
  const auto asked = numbers(1000, 17'384);
  const Answers found = process.shared->find(asked);
  CHECK(found.size() == 41);
  check_same(found, Neighbours(kCount, 200).find(numbers(1000, 1041)));
  // Units that are whole end the batch when it has very many.
  Board another;
  Process spread(another, Neighbours(kCount, 60), collection.input());
  const std::size_t answered = spread.shared->find(asked).size();
  CHECK(answered == 2304);
  CHECK(answered * 120 > (std::size_t{1} << 18));
}

TEST_CASE("shared matching: who is alone gets what its finder gives at once") {
  Collection collection(20'000);
  const auto asked = numbers(1000, 17'384);
  // Ends at once, with a unit, within one, and not at all; many matches each.
  for (const std::size_t at_once : {1U, 128U, 700U, 20'000U}) {
    CAPTURE(at_once);
    const Neighbours plain(20'000, 100, 1000, at_once);
    auto own = std::make_unique<Neighbours>(plain);
    const Neighbours& finder = *own;
    LocalSearch queue;
    const auto alone = make_shared_finder(std::move(own), queue, Company::none,
                                          {}, collection.input());
    Neighbours expected = plain;
    check_same(alone->find(asked), expected.find(asked));
    CHECK(described(group(collection.photos, collection.pictures, *alone)) ==
          described(group(collection.photos, collection.pictures, expected)));
    CHECK(finder.asked == expected.asked);
    CHECK(alone->find({}).empty());
    CHECK(alone->description() == plain.description());
  }
}

TEST_CASE("shared matching: a search is shared by those who ask the same") {
  Collection collection(10);
  AnalyzeOptions options;
  const auto key = [&] {
    return search_key({collection.pictures, options.rule, {}}, Ways::one,
                      options);
  };
  const Digest plain = key();
  CHECK(key() == plain);
  options.workers = 7;
  options.index = IndexKind::scan;
  options.memory_limit_bytes /= 2;
  CHECK(key() == plain);
  std::vector<Digest> keys = {plain};
  const auto differs = [&] {
    keys.push_back(key());
    return std::ranges::count(keys, keys.back()) == 1;
  };
  options.verify = false;
  CHECK(differs());
  options.transforms = Transforms::mirror;
  CHECK(differs());
  ++options.rule.max_distance;
  CHECK(differs());
  options.rule.methods.pop_back();
  CHECK(differs());
  std::swap(collection.pictures[2], collection.pictures[3]);
  CHECK(differs());
  collection.pictures[4].info.taken_at = "2024-05-06T07:08:09";
  CHECK(differs());
  collection.pictures[5].look->hashes[1] ^= 1;
  CHECK(differs());
  collection.pictures[6].look =
      tl::unexpected(Error{ErrorCode::corrupt, "it is broken"});
  CHECK(differs());
  collection.pictures.pop_back();
  CHECK(differs());
}

TEST_CASE("shared matching: decoders that have others decode name those, too") {
  const std::string versions = decoder_versions();
  for (const FormatSupport& format : format_support()) {
    CAPTURE(to_string(format.format));
    CHECK(versions.find(format.codecs) != std::string::npos);
    // libheif of Debian 12: "libde265 HEVC decoder, version 1.0.11".
    const bool tells = format.is_built && format.library == "libheif";
    CHECK((format.codecs.find('.') != std::string::npos) == tells);
  }
}
