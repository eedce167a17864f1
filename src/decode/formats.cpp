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

std::string_view head_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()),
          std::min(bytes.size(), kHeadBytes)};
}

struct NonPictureSignature {
  NonPicture kind;
  std::size_t offset;
  std::string_view bytes;
};

constexpr std::array kNonPictureSignatures = {
    NonPictureSignature{NonPicture::video, 4, "moov"sv},  // QuickTime
    NonPictureSignature{NonPicture::video, 4, "mdat"sv},
    NonPictureSignature{NonPicture::video, 4, "wide"sv},
    NonPictureSignature{NonPicture::video, 0, "\x1A\x45\xDF\xA3"sv},  // EBML
    NonPictureSignature{NonPicture::video, 8, "AVI LIST"sv},
    NonPictureSignature{NonPicture::video, 0, "\0\0\1\xBA"sv},  // MPEG-PS
    NonPictureSignature{NonPicture::video, 0, "\0\0\1\xB3"sv},  // MPEG video
    // MPEG-TS: the packet of the first table, bare and behind a time code.
    NonPictureSignature{NonPicture::video, 0, "\x47\x40\0\x10\0"sv},
    NonPictureSignature{NonPicture::video, 0, "\x47\x40\x11\x10\0"sv},
    NonPictureSignature{NonPicture::video, 4, "\x47\x40\0\x10\0"sv},
    NonPictureSignature{NonPicture::video, 0,
                        "\x30\x26\xB2\x75\x8E\x66\xCF\x11"sv},  // ASF, WMV
    NonPictureSignature{NonPicture::video, 0, "FLV\1"sv},
    NonPictureSignature{NonPicture::document, 0, "%PDF-"sv},
    NonPictureSignature{NonPicture::document, 0, "PK\3\4"sv},  // ZIP, Office
    NonPictureSignature{NonPicture::document, 0, "{\\rtf"sv},
    NonPictureSignature{NonPicture::document, 0,
                        "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv},  // old Office
    NonPictureSignature{NonPicture::sidecar, 0, "<x:xmpmeta"sv},
    NonPictureSignature{NonPicture::sidecar, 0, "<?xpacket"sv},
    NonPictureSignature{NonPicture::sidecar, 0, "bplist00"sv},  // AAE
};

/// Of ISO base media files with films in them, by how they begin.
constexpr std::array kVideoBrands = {"iso"sv,  "mp4"sv,  "qt  "sv, "M4V"sv,
                                     "3gp"sv,  "3g2"sv,  "avc1"sv, "MSNV"sv,
                                     "XAVC"sv, "dash"sv, "f4v"sv};

constexpr std::array kVideoExtensions = {
    "mp4"sv, "m4v"sv, "mov"sv, "qt"sv,  "3gp"sv,  "3g2"sv, "avi"sv,
    "mkv"sv, "wmv"sv, "mpg"sv, "mpe"sv, "mpeg"sv, "vob"sv, "webm"sv,
    "mts"sv, "flv"sv, "lrv"sv, "asf"sv, "m2ts"sv, "insv"sv};
constexpr std::array kDocumentExtensions = {
    "pdf"sv, "txt"sv, "rtf"sv, "doc"sv,  "docx"sv, "odt"sv,
    "csv"sv, "xls"sv, "ods"sv, "xlsx"sv, "ppt"sv,  "pptx"sv,
    "odp"sv, "md"sv,  "htm"sv, "zip"sv,  "html"sv, "epub"sv};
constexpr std::array kSidecarExtensions = {"xmp"sv, "aae"sv, "thm"sv, "pp3"sv,
                                           "dop"sv};

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

bool begins_like_video_ftyp(std::string_view head) {
  if (head.size() < 12 || head.substr(4, 4) != "ftyp") return false;
  return std::ranges::any_of(kVideoBrands, [&](std::string_view brand) {
    return head.substr(8).starts_with(brand);
  });
}

/// XML tells further down what it is; far enough up for XMP and for the
/// property lists that are AAE.
NonPicture recognise_xml(std::string_view head) {
  for (const std::string_view mark : {"<!DOCTYPE plist"sv, "<x:xmpmeta"sv}) {
    if (head.find(mark) != std::string_view::npos) return NonPicture::sidecar;
  }
  return NonPicture::document;
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

std::string_view to_string(NonPicture kind) {
  static constexpr std::array kKinds = {"video"sv, "document"sv, "sidecar"sv,
                                        "other"sv};
  static_assert(kKinds.size() == kNonPictureKinds);
  return kKinds.at(static_cast<std::size_t>(kind));
}

NonPicture recognise_non_picture(std::span<const std::byte> bytes) {
  std::string_view head = head_of(bytes);
  for (const auto& [kind, offset, signature] : kNonPictureSignatures) {
    if (head.size() >= offset && head.substr(offset).starts_with(signature)) {
      return kind;
    }
  }
  if (begins_like_video_ftyp(head)) return NonPicture::video;
  if (head.starts_with("\xEF\xBB\xBF")) head.remove_prefix(3);
  return head.starts_with("<?xml") ? recognise_xml(head) : NonPicture::other;
}

std::span<const std::string_view> extensions_of(NonPicture kind) {
  switch (kind) {
    case NonPicture::video:
      return kVideoExtensions;
    case NonPicture::document:
      return kDocumentExtensions;
    case NonPicture::sidecar:
      return kSidecarExtensions;
    case NonPicture::other:
      break;
  }
  return {};
}

Format recognise(std::span<const std::byte> bytes) {
  const std::string_view head = head_of(bytes);
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
