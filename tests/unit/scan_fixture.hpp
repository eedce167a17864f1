// What the tests of scan and of its photos share.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "temp_folder.hpp"
#include "vam/scan.hpp"

namespace fs = std::filesystem;
using namespace vam;

using Paths = std::vector<std::string>;

inline ScanOptions jpeg_options() {
  ScanOptions options;
  options.extensions = {"jpg", ""};
  return options;
}

inline ScanOptions following() {
  ScanOptions options = jpeg_options();
  options.follow_links = FollowLinks::yes;
  return options;
}

inline ScanResult scan_one(const fs::path& root,
                           const ScanOptions& options = jpeg_options()) {
  return scan(Paths{root.string()}, options);
}

inline Paths paths_of(const ScanResult& result) {
  Paths paths;
  for (const FileEntry& file : result.files) paths.push_back(file.path);
  return paths;
}

inline const FileEntry& only_file(const ScanResult& result) {
  REQUIRE(result.files.size() == 1);
  return result.files.front();
}

inline Result<std::string> read(const std::string& root, const FileEntry& entry,
                                FollowLinks follow = FollowLinks::no) {
  const auto file = PhotoFile::open(root, entry, follow);
  if (!file) return tl::unexpected(file.error());
  std::vector<std::byte> buffer(entry.size_bytes);
  const auto done = file->read_all(buffer);
  if (!done) return tl::unexpected(done.error());
  return std::string(reinterpret_cast<const char*>(buffer.data()),
                     buffer.size());
}

inline ErrorCode error_of(const Result<std::string>& result) {
  REQUIRE_FALSE(result);
  return result.error().code;
}

inline struct stat status_of(const fs::path& path) {
  struct stat status;
  REQUIRE(lstat(path.c_str(), &status) == 0);
  return status;
}

inline void set_times(const fs::path& path, timespec atime, timespec mtime) {
  const timespec times[] = {atime, mtime};
  REQUIRE(utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
}

inline std::ptrdiff_t open_descriptors() {
  return std::distance(fs::directory_iterator("/proc/self/fd"), {});
}

/// Gives a path its permissions back, so that it can be removed.
class Forbidden {
 public:
  Forbidden(fs::path path, mode_t mode) : path_(std::move(path)) {
    REQUIRE(chmod(path_.c_str(), mode) == 0);
  }
  Forbidden(const Forbidden&) = delete;
  Forbidden& operator=(const Forbidden&) = delete;
  ~Forbidden() { chmod(path_.c_str(), 0700); }

 private:
  fs::path path_;
};
