#include "vam/analyze.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "catalog/local_queue.hpp"
#include "catch.hpp"
#include "picture_writer.hpp"
#include "temp_folder.hpp"

using namespace vam;

namespace {

namespace fs = std::filesystem;

/// A small JPEG; another size is another content.
std::string jpeg(int width) {
  JpegOptions options;
  options.width = width;
  return write_jpeg(options);
}

struct Setup {
  TempFolder folder;
  fs::path photos = folder / "photos";
  AnalyzeOptions options;
  AnalyzeObserver observer;

  Setup() {
    fs::create_directory(photos);
    options.sources = {photos.native()};
    options.detect_duplicates = true;
    options.workers = 2;
  }

  void write(const std::string& name, const std::string& content) {
    folder.write("photos/" + name, content);
  }

  Report run(const std::atomic<bool>* stop = nullptr) {
    const auto catalog = open_catalog(folder / "catalog");
    return analyze(*catalog, options, observer, stop);
  }

  std::size_t catalogued_files() {
    const auto catalog = open_catalog(folder / "catalog");
    std::size_t count = 0;
    for (const Source& source : catalog->sources()) {
      count += catalog->files(source.id).size();
    }
    return count;
  }
};

bool adds_up(const Stats& stats) {
  std::uint64_t skipped = 0;
  for (const std::uint64_t files : stats.skipped_by_kind) skipped += files;
  return skipped == stats.files_skipped &&
         stats.files_seen == stats.files_hashed + stats.files_unchanged +
                                 stats.files_failed + stats.files_skipped;
}

}  // namespace

TEST_CASE("analyze: every file is counted once, by what became of it") {
  Setup setup;
  setup.write("a.jpg", jpeg(64));
  setup.write("copy/a.jpg", jpeg(64));
  setup.write("b.jpg", jpeg(72));
  setup.write("cut.jpg", jpeg(80).substr(0, 500));
  setup.write("empty.jpg", "");
  setup.write("notes.txt", "no picture");
  setup.write("no-extension", "no picture either");
  setup.write("artwork.psd", "8BPS...");
  const Report report = setup.run();
  CHECK(report.stats.files_seen == 8);
  CHECK(report.stats.files_hashed == 3);
  CHECK(report.stats.files_failed == 3);
  CHECK(report.stats.files_skipped == 2);
  CHECK(report.stats.pictures_decoded == 4);  // a, b; cut and animated failed
  CHECK(adds_up(report.stats));

  REQUIRE(report.errors.size() == 3);
  CHECK(report.errors[0].error.code == ErrorCode::unsupported);
  CHECK(report.errors[1].error.code == ErrorCode::truncated);
  CHECK(report.errors[2].error.code == ErrorCode::not_a_picture);

  REQUIRE(report.grouping.groups.size() == 1);
  CHECK(report.grouping.groups[0].kind == MatchKind::exact);
}

TEST_CASE("analyze: videos, documents and sidecars are counted by kind") {
  Setup setup;
  const std::string video = "....ftypisom....";
  setup.write("a.mp4", "not looked at");
  setup.write("b.jpg", video);
  setup.write("IMG_0001", video);
  setup.write("c.pdf", "%PDF-1.7");
  setup.write("d.heic", "PK\3\4");
  setup.write("e.xmp", "");
  setup.write("f.tif", "<x:xmpmeta>");
  setup.write("g.c", "int x;");
  setup.write("NOTES", "text");
  setup.write("h.jpg", "text");
  setup.write("i.jpg", jpeg(64));
  for (int run = 0; run < 2; ++run) {
    const Stats stats = setup.run().stats;
    CHECK(stats.skipped_by_kind == std::array<std::uint64_t, 4>{3, 2, 2, 2});
    CHECK(stats.files_failed == 1);
    CHECK(stats.files_seen == 11);
    CHECK(adds_up(stats));
  }
}

TEST_CASE("analyze: formats that this build cannot read are counted") {
  Setup setup;
  setup.write("a.psd", "8BPS...");
  setup.write("b.psd", "8BPS...");
  setup.write("c.psd", "8BPS.....");
  setup.write("d.j2k", "\xFF\x4F\xFF\x51...");
  setup.write("e.heic", std::string("\0\0\0\x18", 4) + "ftypheic");
  for (int run = 0; run < 2; ++run) {
    const auto formats = setup.run().stats.unreadable_formats;
    REQUIRE(formats.size() == (is_supported(Format::heif) ? 2 : 3));
    if (formats.size() == 3) {
      CHECK(formats[0].format == Format::heif);
      CHECK(formats[0].option == "VAM_HEIF");
    }
    const UnreadableFormat& jp2 = formats[formats.size() - 2];
    CHECK(jp2.format == Format::jp2);
    CHECK(jp2.files == 1);
    CHECK(formats.back().format == Format::psd);
    CHECK(formats.back().files == 3);
    CHECK(formats.back().option.empty());
  }
}

TEST_CASE("analyze: a second run reads nothing and says the same") {
  Setup setup;
  setup.write("a.jpg", jpeg(64));
  setup.write("b.jpg", jpeg(64));
  setup.write("cut.jpg", jpeg(80).substr(0, 500));
  const Report first = setup.run();
  const Report second = setup.run();
  CHECK(second.stats.files_hashed == 0);
  CHECK(second.stats.files_unchanged == 2);
  CHECK(second.stats.files_failed == 1);
  CHECK(second.stats.bytes_read == 0);
  CHECK(adds_up(second.stats));
  REQUIRE(second.errors.size() == 1);
  CHECK(second.errors[0].error == first.errors[0].error);
  REQUIRE(second.grouping.groups.size() == 1);
  CHECK(second.grouping.groups[0].id == first.grouping.groups[0].id);
}

TEST_CASE("analyze: the catalog's sources are scanned if none is named") {
  Setup setup;
  setup.write("a.jpg", jpeg(64));
  setup.run();
  setup.options.sources.clear();
  CHECK(setup.run().stats.files_unchanged == 1);
}

TEST_CASE("analyze: moved and copied contents are not decoded again") {
  Setup setup;
  setup.write("a.jpg", jpeg(64));
  setup.run();
  fs::create_directory(setup.photos / "new");
  fs::rename(setup.photos / "a.jpg", setup.photos / "new/b.jpg");
  fs::copy_file(setup.photos / "new/b.jpg", setup.photos / "new/c.jpg");
  const Report report = setup.run();
  CHECK(report.stats.files_hashed == 2);
  CHECK(report.stats.pictures_decoded == 0);
}

TEST_CASE("analyze: recomputing reads and decodes everything") {
  Setup setup;
  setup.write("a.jpg", jpeg(64));
  setup.run();
  setup.options.recompute_hashes = true;
  const Report report = setup.run();
  CHECK(report.stats.files_hashed == 1);
  CHECK(report.stats.pictures_decoded == 1);
}

TEST_CASE("analyze: verifying finds what only looks unchanged") {
  Setup setup;
  setup.write("a.jpg", jpeg(64));
  setup.write("b.jpg", jpeg(64));
  const fs::path file = setup.photos / "b.jpg";
  const auto time = fs::last_write_time(file);
  const auto rewrite = [&](std::string content) {
    content.resize(jpeg(64).size(), '.');
    setup.write("b.jpg", content);
    fs::last_write_time(file, time);
  };
  setup.run();
  rewrite(jpeg(56));
  CHECK(setup.run().errors.empty());

  const auto check_rot = [](const Report& report) {
    REQUIRE(report.errors.size() == 1);
    CHECK(report.errors[0].error.code == ErrorCode::bit_rot);
    CHECK(report.errors[0].stage == Stage::read);
    CHECK(report.stats.files_unchanged == 1);
    CHECK(report.stats.files_failed == 1);
    CHECK(report.stats.pictures_decoded == 0);
    CHECK(report.grouping.groups.empty());
    CHECK(adds_up(report.stats));
  };
  for (const bool verify : {true, false, true}) {
    setup.options.verify_digests = verify;
    check_rot(setup.run());
  }
  {
    const auto catalog = open_catalog(setup.folder / "catalog");
    const auto files = catalog->files(catalog->sources()[0].id);
    REQUIRE(files.size() == 2);
    CHECK_FALSE(files[0].held_before);
    CHECK(files[1].held_before == files[0].digest);
  }
  SECTION("restored") {
    rewrite(jpeg(64));
    const Report report = setup.run();
    CHECK(report.errors.empty());
    CHECK(report.stats.files_unchanged == 2);
    CHECK(report.grouping.groups.size() == 1);
  }
  SECTION("rotten again") {
    rewrite("no picture at all");
    check_rot(setup.run());
  }
  SECTION("touched") {
    fs::last_write_time(file, time + std::chrono::seconds(1));
    const Report report = setup.run();
    CHECK(report.errors.empty());
    CHECK(report.stats.files_hashed == 1);
    CHECK(report.stats.pictures_decoded == 1);
  }
  SECTION("with hashes made anew") {
    setup.options.recompute_hashes = true;
    const Report report = setup.run();
    REQUIRE(report.errors.size() == 1);
    CHECK(report.errors[0].error.code == ErrorCode::bit_rot);
    CHECK(report.stats.files_hashed == 1);
    CHECK(adds_up(report.stats));
  }
}

/// A photo that rots in a folder of its own, below the source.
struct RotSetup : Setup {
  const fs::path album = photos / "album";
  const fs::path file = album / "a.jpg";
  fs::file_time_type time;

  RotSetup() {
    write("album/a.jpg", jpeg(64));
    write("b.jpg", jpeg(72));
    time = fs::last_write_time(file);
  }

  void rewrite(std::string content) {
    content.resize(jpeg(64).size(), '.');
    write("album/a.jpg", content);
    fs::last_write_time(file, time);
  }

  Report run(const fs::path& source, bool verify) {
    options.sources = {source.native()};
    options.verify_digests = verify;
    return Setup::run();
  }
};

/// Whether the report says so of one file, and of nothing else.
bool tells_rot(const Report& report) {
  CHECK(adds_up(report.stats));
  CHECK(report.stats.pictures_decoded == 0);
  return report.errors.size() == 1 &&
         report.errors[0].error.code == ErrorCode::bit_rot;
}

TEST_CASE("analyze: bit rot is found whichever source leads to the file") {
  RotSetup setup;
  const fs::path inner = setup.album;
  const fs::path outer = setup.photos;
  const bool from_within = GENERATE(false, true);
  const fs::path& first = from_within ? inner : outer;
  const fs::path& second = from_within ? outer : inner;
  setup.run(outer, false);
  if (from_within) setup.run(inner, true);
  setup.rewrite(jpeg(56));

  CHECK(tells_rot(setup.run(second, true)));
  CHECK(tells_rot(setup.run(first, false)));
  CHECK(tells_rot(setup.run(second, false)));
  setup.options.sources.push_back(first.native());
  CHECK(tells_rot(setup.Setup::run()));

  setup.rewrite(jpeg(64));
  CHECK(setup.run(first, true).errors.empty());
  CHECK(setup.run(second, false).errors.empty());
}

TEST_CASE("analyze: a source within another one is not read again") {
  RotSetup setup;
  setup.run(setup.photos, false);
  CHECK(setup.run(setup.album, false).stats.files_unchanged == 1);
  CHECK(setup.run(setup.photos, false).stats.files_unchanged == 2);
}

TEST_CASE("analyze: bit rot is not forgotten by moving or copying") {
  RotSetup setup;
  setup.run(setup.photos, false);
  setup.rewrite(jpeg(56));
  CHECK(tells_rot(setup.run(setup.photos, true)));
  const fs::path moved = setup.folder / "moved";

  SECTION("with its folder") {
    fs::rename(setup.photos, moved);
    setup.options.prune = GENERATE(false, true);
    CHECK(tells_rot(setup.run(moved, false)));
    CHECK(tells_rot(setup.run(moved, false)));
    CHECK(tells_rot(setup.run(moved, true)));
  }
  SECTION("with its time") {
    fs::create_directory(moved);
    fs::copy_file(setup.file, moved / "copy.jpg");
    fs::last_write_time(moved / "copy.jpg", setup.time);
    CHECK(tells_rot(setup.run(moved, false)));
  }
  SECTION("but taken as it is where its time says so") {
    fs::rename(setup.photos, moved);
    fs::last_write_time(moved / "album/a.jpg",
                        setup.time + std::chrono::seconds(1));
    const Report report = setup.run(moved, false);
    CHECK(report.errors.empty());
    CHECK(report.stats.files_hashed == 2);
  }
  SECTION("but by restoring it") {
    fs::rename(setup.photos, moved);
    setup.folder.write("moved/album/a.jpg", jpeg(64));
    fs::last_write_time(moved / "album/a.jpg", setup.time);
    CHECK(setup.run(moved, false).errors.empty());
  }
}

TEST_CASE("analyze: changed content is noticed") {
  Setup setup;
  setup.write("a.jpg", jpeg(64));
  setup.run();
  setup.write("a.jpg", jpeg(72));
  const Report report = setup.run();
  CHECK(report.stats.files_hashed == 1);
  CHECK(report.pictures.at(0).info.width == 72);
}

TEST_CASE("analyze: a missing source is a problem, and its files are kept") {
  Setup setup;
  setup.write("a.jpg", jpeg(64));
  const fs::path drive = setup.folder / "drive";
  fs::create_directory(drive);
  setup.folder.write("drive/b.jpg", jpeg(72));
  setup.options.sources.push_back(drive.native());
  setup.run();

  fs::rename(drive, setup.folder / "unplugged");
  const Report report = setup.run();
  REQUIRE(report.errors.size() == 1);
  CHECK(report.errors[0].path == drive.native());
  CHECK(report.errors[0].error.code == ErrorCode::missing);
  CHECK(report.stats.files_seen == 1);
  CHECK(setup.catalogued_files() == 2);

  setup.options.prune = true;
  setup.run();
  CHECK(setup.catalogued_files() == 1);
}

TEST_CASE("analyze: pruning forgets what is gone, not what was left out") {
  Setup setup;
  setup.write("gone.jpg", jpeg(64));
  setup.write("left/out.jpg", jpeg(72));
  setup.run();
  fs::remove(setup.photos / "gone.jpg");
  setup.options.scan.exclude = {"left"};
  setup.run();
  CHECK(setup.catalogued_files() == 2);
  setup.options.prune = true;
  setup.run();
  CHECK(setup.catalogued_files() == 1);
}

TEST_CASE("analyze: without any readable source the run fails") {
  Setup setup;
  setup.options.sources = {(setup.folder / "nowhere").native()};
  CHECK_THROWS_AS(setup.run(), FatalError);
}

TEST_CASE("analyze: a file over a limit is tried again in the next run") {
  Setup setup;
  setup.write("a.jpg", jpeg(64));
  setup.options.limits.max_pixels = 100;
  const Report refused = setup.run();
  REQUIRE(refused.errors.size() == 1);
  CHECK(refused.errors[0].error.code == ErrorCode::too_large);
  setup.options.limits = {};
  CHECK(setup.run().stats.files_hashed == 1);
}

TEST_CASE("analyze: little memory makes files wait, not fail") {
  Setup setup;
  for (int n = 0; n < 20; ++n) {
    setup.write(std::to_string(n) + ".jpg", jpeg(20 + n));
  }
  setup.options.workers = 4;
  setup.options.memory_limit_bytes = 1;
  CHECK(setup.run().stats.files_hashed == 20);
}

TEST_CASE("analyze: copies of what cannot be decoded are an exact group") {
  Setup setup;
  setup.write("a.gif", "GIF89a...");
  setup.write("b.gif", "GIF89a...");
  const Report report = setup.run();
  CHECK(report.stats.files_failed == 2);
  REQUIRE(report.grouping.groups.size() == 1);
  CHECK(report.grouping.groups[0].kind == MatchKind::exact);
  // Not read again to learn the same.
  CHECK(setup.run().stats.bytes_read == 0);
}

TEST_CASE("analyze: clearing forgets, unless there is nothing to read") {
  Setup setup;
  setup.write("a.jpg", jpeg(64));
  setup.run();
  setup.options.clear = true;
  CHECK(setup.run().stats.files_hashed == 1);
  setup.options.sources = {(setup.folder / "nowhere").native()};
  CHECK_THROWS_AS(setup.run(), FatalError);
  CHECK(setup.catalogued_files() == 1);
}

TEST_CASE("analyze: pruning keeps a source that is there but no folder") {
  Setup setup;
  setup.write("a.jpg", jpeg(64));
  const fs::path other = setup.folder / "other";
  fs::create_directory(other);
  setup.folder.write("other/b.jpg", jpeg(72));
  setup.options.sources.push_back(other.native());
  setup.run();
  fs::remove_all(other);
  setup.folder.write("other", "a file now");
  setup.options.prune = true;
  setup.run();
  CHECK(setup.catalogued_files() == 2);
}

TEST_CASE("analyze: stopping keeps what was done, and the next run goes on") {
  struct StopAfterTen : AnalyzeObserver {
    std::atomic<bool> stop = false;
    std::atomic<int> done = 0;
    void file_done(const FileDone&) override {
      if (++done == 10) stop = true;
    }
  };
  Setup setup;
  for (int n = 0; n < 60; ++n) {
    setup.write(std::to_string(n) + ".jpg", jpeg(20 + n));
  }
  StopAfterTen stopper;
  {
    const auto catalog = open_catalog(setup.folder / "catalog");
    CHECK_THROWS_AS(analyze(*catalog, setup.options, stopper, &stopper.stop),
                    Interrupted);
  }
  CHECK(setup.catalogued_files() >= 10);
  CHECK(setup.catalogued_files() < 60);
  const Report report = setup.run();
  CHECK(report.stats.files_unchanged >= 10);
  CHECK(report.stats.files_unchanged + report.stats.files_hashed == 60);
}

TEST_CASE("analyze: the observer is told every file that was read") {
  struct Listener : AnalyzeObserver {
    std::mutex mutex;
    std::map<std::string, std::uint64_t> sizes;
    bool steps_fit = true;
    void file_done(const FileDone& file) override {
      const std::lock_guard lock(mutex);
      sizes[file.path] = file.size_bytes;
      double steps = 0;
      for (const double seconds : file.step_seconds) {
        steps_fit = steps_fit && seconds >= 0;
        steps += seconds;
      }
      steps_fit = steps_fit && std::abs(steps - file.seconds) < 1e-6;
    }
  };
  Setup setup;
  setup.write("a.jpg", jpeg(64));
  setup.write("b.jpg", "nothing");
  Listener listener;
  const auto catalog = open_catalog(setup.folder / "catalog");
  analyze(*catalog, setup.options, listener, nullptr);
  CHECK(listener.sizes == std::map<std::string, std::uint64_t>{
                              {(setup.photos / "a.jpg").native(),
                               fs::file_size(setup.photos / "a.jpg")},
                              {(setup.photos / "b.jpg").native(), 7}});
  CHECK(listener.steps_fit);
}

TEST_CASE("analyze: the observer is told how far each stage is") {
  struct Listener : AnalyzeObserver {
    std::vector<std::string> stages;
    std::uint64_t total = 0;
    std::uint64_t bytes = 0;
    std::atomic<std::uint64_t> done = 0;
    std::atomic<std::uint64_t> done_bytes = 0;
    std::atomic<int> busy = 0;
    std::atomic<int> most_busy = 0;
    void stage_started(const StagePlan& plan) override {
      stages.emplace_back(plan.name);
      total = plan.total;
      bytes = plan.bytes;
      done = done_bytes = 0;
      most_busy = 0;
    }
    void progressed(std::uint64_t now) override {
      CHECK(now >= done);
      done = now;
    }
    void advanced() override { ++done; }
    void file_done(const FileDone& file) override {
      ++done;
      done_bytes += file.size_bytes;
    }
    void workers_changed(int change) override {
      const int now = busy += change;
      int most = most_busy;
      while (most < now && !most_busy.compare_exchange_weak(most, now)) {
      }
    }
    void stage_ended() override {
      CAPTURE(stages);
      if (total > 0) CHECK(done == total);
      CHECK(done_bytes == bytes);
      CHECK(busy == 0);
      if (stages.back() != "scanning") CHECK(most_busy > 0);
      CHECK(most_busy <= 2);
    }
  };
  Setup setup;
  setup.options.workers = 2;
  setup.options.detect_duplicates = true;
  for (int n = 0; n < 30; ++n) {
    setup.write(std::to_string(n) + ".jpg", jpeg(64 + n));
  }
  Listener listener;
  const auto catalog = open_catalog(setup.folder / "catalog");
  analyze(*catalog, setup.options, listener, nullptr);
  CHECK(listener.stages == std::vector<std::string>{"scanning", "hashing",
                                                    "searching", "verifying"});
}

TEST_CASE("analyze: stages and steps say what they took") {
  Setup setup;
  for (int i = 0; i < 20; ++i) {
    setup.write(std::to_string(i) + ".jpg", jpeg(64 + i));
  }
  setup.write("copy.jpg", jpeg(64));
  setup.write("broken.jpg", "");
  const auto sum_of = [](const RunTimes& times) {
    return std::accumulate(times.hashing_seconds.begin(),
                           times.hashing_seconds.end(), 0.0);
  };
  const Stats first = setup.run().stats;
  const StageCost& hash = first.times[RunStage::hash];
  CHECK(first.times[RunStage::scan].workers == 1);
  CHECK(first.times[RunStage::scan].pictures == 22);
  CHECK(hash.workers == 2);
  CHECK(hash.pictures == 21);
  CHECK(hash.bytes_read == first.bytes_read);
  CHECK(first.times[RunStage::search].pictures == 20);
  CHECK(first.times[RunStage::verify].pictures == 0);
  double stages = 0;
  for (const StageCost& cost : first.times.stages) {
    CHECK(cost.seconds >= 0);
    CHECK(cost.cpu_seconds >= 0);
    CHECK(cost.peak_memory_bytes > 0);
    CHECK(cost.peak_memory_bytes <= first.peak_memory_bytes);
    stages += cost.seconds;
  }
  CHECK(stages <= first.times.total_seconds);
  CHECK(first.times[HashStep::decode] > 0);
  CHECK(first.times[HashStep::fingerprint] > 0);
  CHECK(sum_of(first.times) <= 2 * hash.seconds);

  setup.options.detect_duplicates = false;
  const Stats second = setup.run().stats;
  CHECK(second.files_unchanged == 21);
  CHECK(second.times[RunStage::hash].pictures == 0);
  CHECK(second.times[HashStep::decode] == 0);
  CHECK(second.times[RunStage::search].seconds == 0);
  CHECK(second.times[RunStage::verify].seconds == 0);
}

TEST_CASE("analyze: a catalog that fails ends the run with its error") {
  struct FullDisk : Catalog {
    std::vector<Source> sources() override { return {}; }
    SourceId add_source(const std::string&) override { return 1; }
    std::vector<FileRecord> files(SourceId) override { return {}; }
    std::vector<FileRecord> rotten_files() override { return {}; }
    std::vector<Picture> pictures() override { return {}; }
    std::vector<std::optional<Sketch>> sketches(
        std::span<const Digest> digests) override {
      return std::vector<std::optional<Sketch>>(digests.size());
    }
    std::vector<DifferentPair> different_pairs() override { return {}; }
    Reported reported() override { return {}; }
    void set_reported(const Reported&) override {}
    void mark_different(std::span<const DifferentPair>) override {}
    std::uint64_t unmark_different(std::span<const DifferentPair>) override {
      return 0;
    }
    void store(const CatalogBatch&) override {
      throw FatalError("the disk is full");
    }
    void remove_files(SourceId, std::span<const std::string>) override {}
    void remove_source(SourceId) override {}
    std::uint64_t remove_unused_pictures() override { return 0; }
    void clear() override {}
    bool is_shared() const override { return false; }
    WorkQueue& work_queue() override { return queue; }

    LocalQueue queue{*this};
  };
  Setup setup;
  for (int n = 0; n < 20; ++n) {
    setup.write(std::to_string(n) + ".jpg", jpeg(20 + n));
  }
  FullDisk catalog;
  CHECK_THROWS_WITH(analyze(catalog, setup.options, setup.observer, nullptr),
                    "the disk is full");
}
