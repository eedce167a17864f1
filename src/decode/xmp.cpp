// Packets are hostile until shown otherwise. expat reads them as they are,
// needs no stack for what is nested, and knows no entities without a document
// type, which ends the reading here. XMP: ISO 16684-1, 7 (RDF) and 8.4
// (xmp:Rating).
#include "decode/xmp.hpp"

#include <expat.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>

namespace vam {
namespace {

using namespace std::string_view_literals;

/// expat writes names as namespace, separator, name.
constexpr char kSeparator = ' ';
constexpr auto kRating = "http://ns.adobe.com/xap/1.0/ Rating"sv;
constexpr auto kRdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns# RDF"sv;

/// What a packet may make the parser take, all blocks that it ever asks for
/// together: a name of half its size may have to be repeated for each
/// attribute.
constexpr std::size_t kMaxParserBytes = std::size_t{32} << 20U;

/// Of the parser that is at work on this thread.
thread_local std::size_t bytes_left = 0;

void* reallocate(void* block, std::size_t bytes) {
  if (bytes > bytes_left) return nullptr;
  bytes_left -= bytes;
  return std::realloc(block, bytes);
}
void* allocate(std::size_t bytes) { return reallocate(nullptr, bytes); }

constexpr XML_Memory_Handling_Suite kFrugal = {allocate, reallocate, std::free};

struct FreeParser {
  void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
};
using ParserHandle =
    std::unique_ptr<std::remove_pointer_t<XML_Parser>, FreeParser>;

std::optional<int> stars_in(std::string_view text) {
  constexpr auto kBlanks = " \t\r\n"sv;
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  text = text.substr(0, text.find_last_not_of(kBlanks) + 1);
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || !(value >= -1 && value <= 5)) {
    return std::nullopt;
  }
  return static_cast<int>(std::lround(std::max(value, 0.0)));
}

/// Finds the rating of the picture itself: an attribute or a child of a node
/// right below rdf:RDF. Other pictures, which this one was made of, may have
/// theirs further down.
class RatingReader {
 public:
  RatingReader()
      : parser_(XML_ParserCreate_MM(nullptr, &kFrugal, &kSeparator)) {
    if (!parser_) throw std::bad_alloc();
    text_.reserve(kMaxText);  // nothing may be thrown through expat
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(parser_.get(), on_begin, on_end);
    XML_SetCharacterDataHandler(parser_.get(), on_text);
    XML_SetStartDoctypeDeclHandler(parser_.get(), on_doctype);
  }

  std::optional<int> read(std::string_view packet) {
    XML_Parse(parser_.get(), packet.data(), static_cast<int>(packet.size()),
              XML_TRUE);
    return rating_;
  }

 private:
  static RatingReader& self(void* user) {
    return *static_cast<RatingReader*>(user);
  }
  static void on_begin(void* user, const char* name, const char** attributes) {
    self(user).begin(name, attributes);
  }
  static void on_end(void* user, const char*) { self(user).end(); }
  static void on_text(void* user, const char* text, int size) {
    RatingReader& reader = self(user);
    if (!reader.in_rating()) return;
    const std::size_t left = kMaxText - reader.text_.size();
    reader.text_.append(text, std::min(left, static_cast<std::size_t>(size)));
  }
  static void on_doctype(void* user, const char*, const char*, const char*,
                         int) {
    self(user).stop();
  }

  void begin(std::string_view name, const char** attributes) {
    ++depth_;
    if (rdf_ == 0 && name == kRdf) rdf_ = depth_;
    if (rdf_ == 0) return;
    if (depth_ == rdf_ + 1) {
      for (; *attributes != nullptr; attributes += 2) {
        if (attributes[0] == kRating) found(attributes[1]);
      }
    }
    if (depth_ == rdf_ + 2 && name == kRating) rating_depth_ = depth_;
  }
  void end() {
    if (in_rating()) found(text_);
    --depth_;
  }
  bool in_rating() const {
    return rating_depth_ != 0 && depth_ == rating_depth_;
  }
  void found(std::string_view text) {
    rating_ = stars_in(text);
    stop();
  }
  void stop() { XML_StopParser(parser_.get(), XML_FALSE); }

  static constexpr std::size_t kMaxText = 32;

  ParserHandle parser_;
  std::size_t depth_ = 0;
  std::size_t rdf_ = 0;           ///< depth of rdf:RDF; 0: has not come yet
  std::size_t rating_depth_ = 0;  ///< of the element, if one has begun
  std::string text_;              ///< of that element
  std::optional<int> rating_;
};

}  // namespace

std::optional<int> xmp_rating(std::span<const std::byte> packet) {
  packet = packet.first(std::min(packet.size(), kMaxXmpBytes));
  const std::string_view text(reinterpret_cast<const char*>(packet.data()),
                              packet.size());
  // Most packets need no reading.
  if (text.find("Rating") == std::string_view::npos) return std::nullopt;
  bytes_left = kMaxParserBytes;
  return RatingReader().read(text);
}

}  // namespace vam
