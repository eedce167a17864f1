// Writes damaged copies of files: what broken disks, cut transfers and people
// with bad intentions make of pictures. The same seed gives the same damage.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

constexpr const char* kUsage = "Usage: damage_files FROM TO COUNT SEED\n";

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(in), {});
  if (!in) throw std::runtime_error("cannot read " + path.native());
  return bytes;
}

void write(const fs::path& path, const std::string& bytes) {
  std::ofstream out(path, std::ios::binary);
  out << bytes;
  if (!out.flush()) throw std::runtime_error("cannot write " + path.native());
}

class Damage {
 public:
  explicit Damage(std::uint64_t seed) : random_(seed) {}

  /// One to three kinds of damage; `other` lends bytes.
  void apply(std::string& bytes, const std::string& other) {
    using Kind = void (Damage::*)(std::string&, const std::string&);
    constexpr std::array<Kind, 8> kKinds = {
        &Damage::flip_bits,    &Damage::cut_off,     &Damage::overwrite,
        &Damage::blank,        &Damage::remove_part, &Damage::repeat_part,
        &Damage::append_other, &Damage::set_number};
    for (std::size_t n = 1 + below(3); n > 0; --n) {
      (this->*kKinds[below(kKinds.size())])(bytes, other);
    }
  }

 private:
  struct Part {
    std::size_t begin;
    std::size_t size;
  };

  /// Less than `limit`, which may be 0.
  std::size_t below(std::size_t limit) {
    return limit == 0 ? 0 : static_cast<std::size_t>(random_() % limit);
  }

  char byte() { return static_cast<char>(random_() & 0xFFU); }

  /// Mostly short, and half of the time within the headers at the beginning.
  Part part_of(const std::string& bytes) {
    constexpr std::size_t kHeaders = 1024;
    const std::size_t reach =
        below(2) == 0 ? std::min(bytes.size(), kHeaders) : bytes.size();
    const std::size_t begin = below(reach);
    const std::size_t longest = std::size_t{1} << below(17);
    return {begin, std::min(1 + below(longest), bytes.size() - begin)};
  }

  void flip_bits(std::string& bytes, const std::string&) {
    for (std::size_t n = 1 + below(16); n > 0 && !bytes.empty(); --n) {
      char& flipped = bytes[part_of(bytes).begin];
      flipped = static_cast<char>(static_cast<unsigned char>(flipped) ^
                                  (1U << below(8)));
    }
  }

  void cut_off(std::string& bytes, const std::string&) {
    bytes.resize(below(bytes.size()));
  }

  void overwrite(std::string& bytes, const std::string&) {
    const Part part = part_of(bytes);
    for (std::size_t n = 0; n < part.size; ++n) bytes[part.begin + n] = byte();
  }

  void blank(std::string& bytes, const std::string&) {
    const Part part = part_of(bytes);
    bytes.replace(part.begin, part.size, part.size,
                  below(2) == 0 ? '\0' : '\xFF');
  }

  void remove_part(std::string& bytes, const std::string&) {
    const Part part = part_of(bytes);
    bytes.erase(part.begin, part.size);
  }

  void repeat_part(std::string& bytes, const std::string&) {
    const Part part = part_of(bytes);
    bytes.insert(part.begin, bytes.substr(part.begin, part.size));
  }

  void append_other(std::string& bytes, const std::string& other) {
    bytes.resize(below(bytes.size()));
    bytes += other.substr(below(other.size()));
  }

  /// A number that lengths, counts and sizes are seldom tested with.
  void set_number(std::string& bytes, const std::string&) {
    constexpr std::array<std::uint32_t, 8> kNumbers = {
        0, 1, 0x7F, 0x80, 0x7FFF, 0xFFFF, 0x7FFF'FFFF, 0xFFFF'FFFF};
    const std::size_t begin = part_of(bytes).begin;
    const std::uint32_t number = kNumbers[below(kNumbers.size())];
    const std::size_t size = std::size_t{1} << below(3);
    const bool big_endian = below(2) == 0;
    for (std::size_t n = 0; n < size && begin + n < bytes.size(); ++n) {
      const std::size_t shift = 8 * (big_endian ? size - 1 - n : n);
      bytes[begin + n] = static_cast<char>((number >> shift) & 0xFFU);
    }
  }

  std::mt19937_64 random_;
};

void damage_files(const fs::path& from, const fs::path& to, int count,
                  std::uint64_t seed) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(from)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  if (files.empty()) throw std::runtime_error("no files in " + from.native());
  std::sort(files.begin(), files.end());
  fs::create_directories(to);
  std::mt19937_64 random(seed);
  Damage damage(seed + 1);
  for (int n = 0; n < count; ++n) {
    const fs::path& file = files[random() % files.size()];
    std::string bytes = read(file);
    damage.apply(bytes, read(files[random() % files.size()]));
    write(to / (std::to_string(n) + file.extension().native()), bytes);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  try {
    damage_files(argv[1], argv[2], std::stoi(argv[3]), std::stoull(argv[4]));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "damage_files: %s\n", error.what());
    return 1;
  }
  return 0;
}
