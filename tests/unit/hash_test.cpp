#include "vam/hash.hpp"

#include "catch.hpp"
#include "patterns.hpp"

using namespace vam;

namespace {

struct Golden {
  Pattern pattern;
  int width;
  int height;
  HashSet hashes;  // dhash, ahash, whash
};

// Made by tests/golden/imagehash_values.py with Pillow 9.4 and PyWavelets 1.4.
// clang-format off
constexpr Golden kGolden[] = {
    {waves, 64, 64, {0xfffef8f3e69c33e4, 0x03071c3973ee9936, 0x030f1c3973ee9936}},
    {waves, 200, 150, {0xd2a94aa044518008, 0x2f5fbf7fffffffff, 0x324b972b5ea54a9c}},
    {waves, 97, 131, {0xf3c41b65b54c2992, 0x1936cf3fffffffff, 0x0935da2abbd94c39}},
    {waves, 512, 300, {0xa242911182450812, 0x5bbb4b8963a7f69a, 0x0bef499d6385730a}},
    {waves, 1, 1, {0x0000000000000000, 0x0000000000000000, 0x0000000000000000}},
    {steps, 200, 150, {0xe74a31d639e79e33, 0x33e799628c33ee99, 0x31e719628c33ee99}},
    {steps, 97, 131, {0xffdcdffbd3dffbd3, 0x0f7ee10ff8e31ff8, 0x073ee00f78e10ff8}},
    {steps, 512, 300, {0xaaab552aaa954aaa, 0x0a17058ad7c5e2f0, 0x2a16138fd5e5ea62}},
    {steps, 5, 7, {0x0000000000000000, 0x0000000000000000, 0x0000000000000000}},
    {steps, 1, 1, {0x0000000000000000, 0x0000000000000000, 0x0000000000000000}},
    {steps, 9, 8, {0x0000000000000000, 0x0000000000000000, 0x0000000000000000}},
    {dots, 64, 64, {0x591122d2132e66d1, 0x2d9c92ffb9073620, 0x2dad9aff2b463201}},
    {dots, 200, 150, {0xb60a4b56d632a29a, 0x52ff29a23e991a4e, 0x5aff292a1e9842ce}},
    {dots, 97, 131, {0x6d495290995d2b64, 0x35ff0e484cafc1b4, 0x75ff08025ca9e3a6}},
    {dots, 512, 300, {0x004a8856ea226200, 0xff266622221132ff, 0xff226622223322ff}},
    {dots, 5, 7, {0xccc7311c0c303307, 0x2471988ee6f81fc3, 0x2471988ee6f81fc3}},
    {dots, 1, 1, {0x0000000000000000, 0x0000000000000000, 0x0000000000000000}},
    {dots, 9, 8, {0xaa94492408421000, 0x0b462d96c4338ee0, 0x1f462d96ec338ee0}},
    {slope, 64, 64, {0xffffffffffffffff, 0x0307070f0f1f1f3f, 0x0307070f0f1f1f3f}},
    {slope, 200, 150, {0xf3f3e7e7cfcfde9e, 0x383931736363e7c6, 0x183931736363e7c6}},
    {slope, 97, 131, {0xfffffffffefcf8f9, 0x07070f1f1f3e7c7c, 0x03070f0f1f3e7c78}},
    {slope, 512, 300, {0xadab6a5a54d5b5a9, 0x55d5aaaaaa545555, 0x5555aaaaaa555555}},
    {slope, 1, 1, {0x0000000000000000, 0x0000000000000000, 0x0000000000000000}},
    {slope, 9, 8, {0xffffffffffffffff, 0x0307070f0f1f1f3f, 0x0307070f0f1f1f3f}},
};
// clang-format on

}  // namespace

TEST_CASE("hash: values are those of imagehash") {
  for (const Golden& golden : kGolden) {
    CAPTURE(golden.width, golden.height, &golden - kGolden);
    const Image image =
        make_picture(golden.pattern, golden.width, golden.height);
    const HashSet hashes = compute_hashes(image);
    CHECK(to_hex(hashes[0]) == to_hex(golden.hashes[0]));
    CHECK(to_hex(hashes[1]) == to_hex(golden.hashes[1]));
    CHECK(to_hex(hashes[2]) == to_hex(golden.hashes[2]));
  }
}

TEST_CASE("hash: cells at the median are not above it") {
  const Image halves =
      make_picture([](int x, int) { return x < 4 ? 10 : 20; }, 8, 8);
  CHECK(to_hex(compute_hashes(halves)[2]) == "0f0f0f0f0f0f0f0f");
  const Image mostly_flat =
      make_picture([](int x, int y) { return x + y == 0 ? 90 : 10; }, 8, 8);
  CHECK(to_hex(compute_hashes(mostly_flat)[2]) == "8000000000000000");
}

TEST_CASE("hash: methods are named and numbered as persisted") {
  CHECK(index_of(HashKind::dhash) == 0);
  CHECK(index_of(HashKind::ahash) == 1);
  CHECK(index_of(HashKind::whash) == 2);
  for (const HashMethod& method : hash_methods()) {
    CHECK(hash_kind_of(method.name) == method.kind);
  }
  CHECK(hash_methods()[0].name == "dhash");
  CHECK(hash_methods()[1].name == "ahash");
  CHECK(hash_methods()[2].name == "whash");
  CHECK_FALSE(hash_kind_of("phash").has_value());
}

TEST_CASE("hash: distance counts the bits that differ") {
  CHECK(hamming_distance(0, 0) == 0);
  CHECK(hamming_distance(0, ~Hash{0}) == 64);
  CHECK(hamming_distance(0b1010, 0b0110) == 2);
}

TEST_CASE("hash: hexadecimal has 16 digits") {
  CHECK(to_hex(Hash{0}) == "0000000000000000");
  CHECK(to_hex(Hash{0x0123456789abcdef}) == "0123456789abcdef");
}
