// Camera, place and rating in EXIF blocks, and the rating in XMP packets, among
// them hostile ones.
#include <algorithm>
#include <cmath>
#include <optional>
#include <random>
#include <string>

#include "catch.hpp"
#include "decode/exif.hpp"
#include "decode/tiff_tags.hpp"
#include "decode/xmp.hpp"
#include "format_writer.hpp"
#include "picture_writer.hpp"
#include "vam/decode.hpp"

using namespace vam;
using namespace std::string_literals;

namespace {

PhotoMetadata metadata_of(const ExifOptions& options) {
  const std::string block = make_exif(options);
  PhotoMetadata metadata = read_exif(bytes_of(block)).metadata;
  // The same directories as those of a TIFF.
  const std::string tiff = block.substr(kExifPrefix.size());
  const auto tags = read_tiff_tags(bytes_of(tiff));
  REQUIRE(tags.has_value());
  CHECK((tags->metadata == metadata));
  return metadata;
}

std::string model_of(const std::string& text) {
  return metadata_of({.model = text}).camera_model;
}

std::optional<GeoPosition> gps_of(const ExifAngleOptions& latitude,
                                  const ExifAngleOptions& longitude) {
  return metadata_of({.latitude = latitude, .longitude = longitude}).gps;
}

bool is_plain(const std::string& text) {
  return text.size() <= kMaxMetadataText &&
         (text.empty() || (text.front() != ' ' && text.back() != ' ')) &&
         std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

bool is_sane(const PhotoMetadata& metadata) {
  const auto& gps = metadata.gps;
  return is_plain(metadata.camera_make) && is_plain(metadata.camera_model) &&
         is_plain(metadata.software) &&
         (!gps ||
          (std::abs(gps->latitude) <= 90 && std::abs(gps->longitude) <= 180)) &&
         (!metadata.rating || (*metadata.rating >= 0 && *metadata.rating <= 5));
}

/// A packet with these attributes and this content in its rdf:Description.
std::string packet_with(const std::string& attributes,
                        const std::string& content = {}) {
  return "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
         "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n"
         "<rdf:RDF xmlns:rdf="
         "\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
         "<rdf:Description rdf:about=\"\""
         " xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\""
         " xmlns:x2=\"http://ns.microsoft.com/photo/1.0/\" " +
         attributes + ">" + content +
         "</rdf:Description></rdf:RDF></x:xmpmeta>\n" + std::string(2000, ' ') +
         "<?xpacket end=\"w\"?>";
}

std::optional<int> rating_in(const std::string& packet) {
  return xmp_rating(bytes_of(packet));
}

std::optional<int> rating_of(const std::string& value) {
  const auto rating = rating_in(packet_with("xmp:Rating=\"" + value + "\""));
  CHECK(rating_in(packet_with(
            "", "\n<xmp:Rating>" + value + "</xmp:Rating>")) == rating);
  return rating;
}

}  // namespace

TEST_CASE("decode: metadata of JPEG and PNG") {
  ExifOptions exif = full_exif();
  exif.big_endian = GENERATE(false, true);
  const std::string file =
      GENERATE_COPY(write_jpeg({.exif = exif, .with_exif = true}),
                    write_png({.exif = exif, .with_exif = true}));
  const auto decoded = decode(bytes_of(file));
  REQUIRE(decoded);
  CHECK((decoded->info.metadata == full_metadata()));
}

TEST_CASE("decode: what EXIF does not say is empty") {
  CHECK((metadata_of({.orientation = 6}) == PhotoMetadata{}));
  CHECK((metadata_of({.rating = 0}) == PhotoMetadata{.rating = 0}));
  CHECK((decode(bytes_of(write_jpeg()))->info.metadata == PhotoMetadata{}));
}

TEST_CASE("decode: texts of EXIF are bounded and printable") {
  CHECK(model_of("  EOS 5D  ") == "EOS 5D");
  CHECK(model_of("      ").empty());
  CHECK(model_of("two\0strings"s) == "two");
  CHECK(model_of("\0hidden"s).empty());
  CHECK(model_of("a\x1b[2J\r\n\t\x7f\x80\xff") == "a?[2J??????");
  CHECK(model_of("f\xC3\xBCr") == "f??r");
  CHECK(model_of(std::string(50'000, 'x')) ==
        std::string(kMaxMetadataText, 'x'));
  CHECK(model_of(std::string(900, ' ') + "x" + std::string(500, ' ') + "y") ==
        "x");
}

TEST_CASE("decode: places of EXIF") {
  const ExifAngleOptions north{"N", {50, 1, 30, 1, 0, 1}};
  const ExifAngleOptions west{"W", {7, 1, 4512, 100, 0, 1}};
  CHECK((gps_of(north, west) == GeoPosition{50.5, -7.752}));
  CHECK((gps_of({"S", {90, 1, 0, 1, 0, 1}}, {"E", {180, 1, 0, 1, 0, 1}}) ==
         GeoPosition{-90, 180}));
  CHECK((gps_of({"S", {0, 1, 0, 1, 0, 1}}, {"W", {0, 1, 0, 1, 0, 1}}) ==
         GeoPosition{0, 0}));
  const auto bad = GENERATE(ExifAngleOptions{"", {50, 1, 30, 1, 0, 1}},
                            ExifAngleOptions{"X", {50, 1, 30, 1, 0, 1}},
                            ExifAngleOptions{"E", {50, 1, 30, 1, 0, 1}},
                            ExifAngleOptions{"North", {50, 1, 30, 1, 0, 1}},
                            ExifAngleOptions{"N", {50, 0, 30, 1, 0, 1}},
                            ExifAngleOptions{"N", {50, 1, 0, 0, 0, 1}},
                            ExifAngleOptions{"N", {50, 1, 61, 1, 0, 1}},
                            ExifAngleOptions{"N", {50, 1, 30, 1, 61, 1}},
                            ExifAngleOptions{"N", {90, 1, 0, 1, 1, 1}},
                            ExifAngleOptions{"N", {~0U, 1, 0, 1, 0, 1}},
                            ExifAngleOptions{"N", {50, 1, 30, 1}},
                            ExifAngleOptions{"N", {50, 1, 30, 1, 0, 1, 0, 1}});
  CHECK_FALSE(gps_of(bad, west));
}

TEST_CASE("decode: ratings of EXIF are 0 to 5") {
  for (int rating = 0; rating <= 5; ++rating) {
    CHECK(metadata_of({.rating = rating}).rating == rating);
  }
  CHECK_FALSE(metadata_of({.rating = 6}).rating);
  CHECK_FALSE(metadata_of({.rating = 0xFFFF}).rating);
}

TEST_CASE("decode: whatever is damaged in EXIF, metadata are sane") {
  ExifOptions options = full_exif();
  options.big_endian = GENERATE(false, true);
  const std::string whole = make_exif(options);
  std::mt19937 random(3);
  for (int i = 0; i < 5000; ++i) {
    std::string block = whole;
    for (auto flips = 1 + random() % 4; flips > 0; --flips) {
      block[6 + random() % (block.size() - 6)] = static_cast<char>(random());
    }
    block.resize(block.size() - random() % 3 * random() % block.size());
    REQUIRE(is_sane(read_exif(bytes_of(block)).metadata));
    block.erase(0, 6);
    const auto tags = read_tiff_tags(bytes_of(block));
    if (tags) REQUIRE(is_sane(tags->metadata));
  }
}

TEST_CASE("decode: the rating in XMP, as attribute and as element") {
  CHECK(rating_of("0") == 0);
  CHECK(rating_of("5") == 5);
  CHECK(rating_of("4.0") == 4);
  CHECK(rating_of("2.5") == 3);
  CHECK(rating_of(" 3\n") == 3);
  CHECK(rating_of("-1") == 0);  // rejected
  for (const char* value :
       {"", " ", "6", "-2", "1e99", "nan", "three", "3 4", "0x3", "3&amp;",
        "33333333333333333333333333333333333333333333"}) {
    INFO(value);
    CHECK_FALSE(rating_of(value).has_value());
  }
}

TEST_CASE("decode: what is called a rating in XMP and is none") {
  CHECK_FALSE(rating_in("").has_value());
  CHECK_FALSE(rating_in(packet_with("")).has_value());
  CHECK_FALSE(rating_in(packet_with("x2:Rating=\"3\"")).has_value());
  CHECK_FALSE(rating_in(packet_with("Rating=\"3\"")).has_value());
  CHECK_FALSE(rating_in("<Rating>3</Rating>").has_value());
  // Of a picture that went into this one.
  CHECK_FALSE(
      rating_in(packet_with("",
                            "<xmp:Pantry><rdf:Description xmp:Rating=\"3\">"
                            "<xmp:Rating>3</xmp:Rating>"
                            "</rdf:Description></xmp:Pantry>"))
          .has_value());
  // The prefix may be any, and the namespace the default.
  CHECK(rating_in(packet_with(
            "", "<Rating xmlns=\"http://ns.adobe.com/xap/1.0/\">3</Rating>")) ==
        3);
}

TEST_CASE("decode: XMP that is hostile or broken") {
  const std::string bomb =
      "<!DOCTYPE x [<!ENTITY a \"3\"><!ENTITY b \"&a;&a;&a;&a;\">]>" +
      packet_with("", "<xmp:Rating>&a;</xmp:Rating>");
  CHECK_FALSE(rating_in(bomb).has_value());
  CHECK_FALSE(rating_of("&a;").has_value());
  // For each attribute, expat repeats the name of the namespace.
  std::string costly = "xmlns:p=\"" + std::string(100'000, 'n') + "\" ";
  for (int i = 0; i < 500; ++i) {
    costly += "p:a" + std::to_string(i) + "=\"\" ";
  }
  CHECK_FALSE(rating_in(packet_with(costly + "xmp:Rating=\"3\"")));
  std::string deep = packet_with("xmp:Rating=\"3\"");
  for (int i = 0; i < 80'000; ++i) deep.insert(0, "<a>");
  CHECK(rating_in(deep) == 3);  // in the first 256 KiB, which are read
  deep.insert(0, 100'000, ' ');
  CHECK_FALSE(rating_in(deep).has_value());

  const std::string whole = packet_with("xmp:Rating=\"3\"");
  const std::size_t needed = whole.find('>', whole.find("Rating")) + 1;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK(rating_in(whole.substr(0, size)).has_value() == (size >= needed));
  }
  std::mt19937 random(3);
  for (int i = 0; i < 3000; ++i) {
    std::string packet =
        packet_with("xmp:Rating=\"3\"", "<xmp:Rating>4</xmp:Rating>");
    for (auto flips = 1 + random() % 6; flips > 0; --flips) {
      packet[random() % packet.size()] = static_cast<char>(random());
    }
    const auto rating = rating_in(packet);
    if (rating) REQUIRE((*rating >= 0 && *rating <= 5));
  }
}

TEST_CASE("decode: XMP tells the rating in every format that has it") {
  const FormatPicture picture{
      .width = 800, .height = 600, .xmp = packet_with("xmp:Rating=\"4\"")};
  for (const FormatWriter& writer : format_writers()) {
    INFO(to_string(writer.format));
    const auto decoded = decode(bytes_of(writer.write(picture)));
    REQUIRE(decoded);
    CHECK(decoded->info.metadata.rating ==
          (writer.carries_orientation ? std::optional(4) : std::nullopt));
  }
}

TEST_CASE("decode: EXIF has the last word on the rating") {
  const std::string packet = packet_with("xmp:Rating=\"4\"");
  std::string file = write_jpeg({.exif = {.rating = 2}, .with_exif = true});
  const std::string segment = "http://ns.adobe.com/xap/1.0/\0"s + packet;
  file.insert(2, "\xFF\xE1"s + static_cast<char>((segment.size() + 2) >> 8U) +
                     static_cast<char>((segment.size() + 2) & 0xFFU) + segment);
  CHECK(decode(bytes_of(file))->info.metadata.rating == 2);
}

TEST_CASE("decode: a broken place for XMP costs a PNG nothing else") {
  const std::string png = write_png({.width = 40, .height = 30});
  const auto plain = decode(bytes_of(png));
  const std::string keyword = "XML:com.adobe.xmp\0"s;
  for (const std::string& value :
       {keyword, keyword + "\0\0"s, keyword + "\0\0\0"s, keyword + "\0\0en"s,
        keyword + "\1\0\0\0<xmp:Rating>"s}) {
    std::string file = png;
    file.insert(png.find("IDAT") - 4, "\0\0\0"s +
                                          static_cast<char>(value.size()) +
                                          "iTXt" + value + "\0\0\0\0"s);
    const auto decoded = decode(bytes_of(file));
    REQUIRE(decoded);
    CHECK(decoded->image == plain->image);
    CHECK_FALSE(decoded->info.metadata.rating.has_value());
  }
}
