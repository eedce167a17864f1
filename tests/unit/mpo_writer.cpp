#include "mpo_writer.hpp"

#include <cstddef>

#include "tiff_directory.hpp"

namespace {

std::string index_of(const std::vector<MpoPicture>& pictures,
                     const std::vector<std::uint32_t>& places,
                     const MpoOptions& options) {
  TiffDirectory directory(options.big_endian);
  std::string entries;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const auto size = static_cast<std::uint32_t>(pictures[i].file.size());
    entries += directory.number(pictures[i].kind, 4) +
               directory.number(size, 4) +
               directory.number(i == 0 ? 0 : places[i] + options.shift, 4) +
               directory.number(0, 4);
  }
  directory.add_values(0xB000, 7, 4, "0100");
  directory.add_number(0xB001, TiffDirectory::kLong,
                       static_cast<std::uint32_t>(pictures.size()));
  directory.add_values(0xB002, 7, static_cast<std::uint32_t>(entries.size()),
                       entries);
  return std::string("MPF\0", 4) + (options.big_endian ? "MM" : "II") +
         directory.number(42, 2) + directory.number(8, 4) + directory.at(8);
}

}  // namespace

std::string write_mpo(const std::vector<MpoPicture>& pictures,
                      const MpoOptions& options) {
  std::vector<std::uint32_t> places(pictures.size());
  const auto segment = [&] {
    const std::string index = index_of(pictures, places, options);
    return "\xFF\xE2" +
           TiffDirectory(true).number(
               static_cast<std::uint32_t>(index.size() + 2), 2) +
           index;
  };
  // Places count from the byte order mark.
  constexpr std::size_t kMark = 2 + 4 + 4;
  std::size_t at = pictures[0].file.size() + segment().size() - kMark;
  for (std::size_t i = 1; i < pictures.size(); ++i) {
    places[i] = static_cast<std::uint32_t>(at);
    at += pictures[i].file.size();
  }
  std::string file = pictures[0].file;
  file.insert(2, segment());
  for (std::size_t i = 1; i < pictures.size(); ++i) file += pictures[i].file;
  return file;
}
