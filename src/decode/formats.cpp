// Picture formats: their names, how they begin, and how their files are
// called. Signatures are those of the formats' specifications.
#include <algorithm>
#include <array>
#include <cstring>

#include "vam/decode.hpp"

namespace vam {
namespace {

struct FormatName {
  Format format;
  std::string_view name;
};

constexpr std::array kNames = {
    FormatName{Format::jpeg, "jpeg"}, FormatName{Format::png, "png"},
    FormatName{Format::gif, "gif"},   FormatName{Format::webp, "webp"},
    FormatName{Format::tiff, "tiff"}, FormatName{Format::bmp, "bmp"},
    FormatName{Format::heif, "heif"}, FormatName{Format::avif, "avif"},
    FormatName{Format::jxl, "jxl"},   FormatName{Format::jp2, "jp2"},
    FormatName{Format::psd, "psd"},   FormatName{Format::raw, "raw"},
};

struct Signature {
  Format format;
  std::size_t offset;
  std::string_view bytes;
};

using namespace std::string_view_literals;

// In order: camera RAW variants of TIFF stand before TIFF.
constexpr std::array kSignatures = {
    Signature{Format::jpeg, 0, "\xFF\xD8\xFF"sv},
    Signature{Format::png, 0, "\x89PNG\r\n\x1A\n"sv},
    Signature{Format::gif, 0, "GIF87a"sv},
    Signature{Format::gif, 0, "GIF89a"sv},
    Signature{Format::raw, 8, "CR\x02"sv},           // Canon CR2
    Signature{Format::raw, 0, "IIRO"sv},             // Olympus ORF
    Signature{Format::raw, 0, "IIRS"sv},             // Olympus ORF
    Signature{Format::raw, 0, "MMOR"sv},             // Olympus ORF
    Signature{Format::raw, 0, "IIU\0"sv},            // Panasonic RW2
    Signature{Format::raw, 0, "FUJIFILMCCD-RAW"sv},  // Fujifilm RAF
    Signature{Format::raw, 0, "FOVb"sv},             // Sigma X3F
    Signature{Format::raw, 4, "ftypcrx "sv},         // Canon CR3
    Signature{Format::tiff, 0, "II*\0"sv},
    Signature{Format::tiff, 0, "MM\0*"sv},
    Signature{Format::tiff, 0, "II+\0"sv},  // BigTIFF
    Signature{Format::tiff, 0, "MM\0+"sv},  // BigTIFF
    Signature{Format::psd, 0, "8BPS"sv},
    Signature{Format::jxl, 0, "\xFF\x0A"sv},  // bare codestream
    Signature{Format::jxl, 0, "\0\0\0\x0CJXL \r\n\x87\n"sv},
    Signature{Format::jp2, 0, "\0\0\0\x0CjP  \r\n\x87\n"sv},
    Signature{Format::jp2, 0, "\xFF\x4F\xFF\x51"sv},  // bare codestream
};

constexpr std::array kHeifBrands = {"heic"sv, "heix"sv, "heim"sv, "heis"sv,
                                    "hevc"sv, "hevx"sv, "mif1"sv, "msf1"sv};
constexpr std::array kAvifBrands = {"avif"sv, "avis"sv};

constexpr std::array kExtensions = {
    ""sv,     "jpg"sv, "jpeg"sv, "jpe"sv, "jfif"sv, "jif"sv, "mpo"sv, "png"sv,
    "apng"sv, "gif"sv, "webp"sv, "tif"sv, "tiff"sv, "bmp"sv, "dib"sv, "heic"sv,
    "heif"sv, "hif"sv, "avif"sv, "jxl"sv, "jp2"sv,  "j2k"sv, "psd"sv, "dng"sv,
    "cr2"sv,  "cr3"sv, "crw"sv,  "nef"sv, "nrw"sv,  "arw"sv, "srf"sv, "sr2"sv,
    "orf"sv,  "rw2"sv, "raf"sv,  "pef"sv, "srw"sv,  "x3f"sv, "3fr"sv, "iiq"sv,
    "kdc"sv,  "dcr"sv, "mrw"sv,  "erf"sv, "mef"sv,  "mos"sv, "rwl"sv,
};

/// ISO base media files: the major brand, or else any compatible one, tells.
/// `mif1` and `msf1` only say "HEIF of some codec", so AVIF is asked first.
Format recognise_ftyp(std::string_view head) {
  const std::string_view brands = head.substr(8);
  const auto lists_any_of = [&](const auto& wanted) {
    for (std::size_t at = 0; at + 4 <= brands.size(); at += 4) {
      if (at == 4) continue;  // the minor version, no brand
      if (std::ranges::find(wanted, brands.substr(at, 4)) != wanted.end()) {
        return true;
      }
    }
    return false;
  };
  if (lists_any_of(kAvifBrands)) return Format::avif;
  if (lists_any_of(kHeifBrands)) return Format::heif;
  return Format::unknown;
}

/// "BM" alone would take any text that begins so: the size of the following
/// header must be one that exists.
bool begins_like_bmp(std::string_view head) {
  if (!head.starts_with("BM") || head.size() < 18) return false;
  static constexpr std::array kHeaderSizes = {12, 16, 40, 52, 56, 64, 108, 124};
  const int size = static_cast<unsigned char>(head[14]);
  return head.substr(15, 3) == "\0\0\0"sv &&
         std::ranges::find(kHeaderSizes, size) != kHeaderSizes.end();
}

}  // namespace

std::string_view to_string(Format format) {
  for (const auto& [known, name] : kNames) {
    if (known == format) return name;
  }
  return "unknown";
}

Format format_of(std::string_view name) {
  for (const auto& [format, known] : kNames) {
    if (known == name) return format;
  }
  return Format::unknown;
}

Format recognise(std::span<const std::byte> bytes) {
  const std::string_view head(reinterpret_cast<const char*>(bytes.data()),
                              std::min(bytes.size(), kHeadBytes));
  for (const auto& [format, offset, signature] : kSignatures) {
    if (head.size() >= offset && head.substr(offset).starts_with(signature)) {
      return format;
    }
  }
  if (head.size() >= 12) {
    if (head.starts_with("RIFF") && head.substr(8, 4) == "WEBP") {
      return Format::webp;
    }
    if (head.substr(4, 4) == "ftyp") return recognise_ftyp(head);
  }
  return begins_like_bmp(head) ? Format::bmp : Format::unknown;
}

std::span<const std::string_view> picture_extensions() { return kExtensions; }

}  // namespace vam
