// Cuts a scan into chunks, finds in each where the blocks begin, and reads the
// DC differences there. At those places nothing waits for anything but a sum.
#include "decode/jpeg_dc.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <span>
#include <utility>

#include "decode/jpeg_blocks.hpp"
#include "decode/jpeg_entropy.hpp"
#include "decode/jpeg_huffman.hpp"
#include "for_each_cpu.hpp"

namespace vam {
namespace {

constexpr int kMaxComponents = 4;
constexpr unsigned kRestartMarker = 0xD0;  // the first of 8

/// A block of an MCU, and where its values go.
struct BlockPlace {
  const WalkTables* tables = nullptr;
  std::size_t component = 0;
  std::int16_t* next = nullptr;
  std::ptrdiff_t mcu_step = 0;  ///< to the value in the next MCU
  std::ptrdiff_t row_skip = 0;  ///< at the end of a row of MCUs, besides
};

/// Reads DC differences and writes the sums.
class PlaneWriter {
 public:
  PlaneWriter(std::span<const BlockPlace> places, int mcus_per_row)
      : places_(places.begin(), places.end()), mcus_per_row_(mcus_per_row) {}

  /// At restart markers the sums begin anew.
  void restart() { sums_ = {}; }
  /// Blocks that begin at these places, which are address_bits().
  void write(const std::uint8_t* data, std::span<const std::uint32_t> notes);
  /// Whether all values are within 16 bits.
  bool is_sound() const { return (excess_ >> 16U) == 0; }

 private:
  void next_mcu();

  std::vector<BlockPlace> places_;
  std::size_t place_ = 0;  ///< the next
  int mcus_per_row_ = 0;
  int mcu_ = 0;  ///< in its row
  std::array<std::uint32_t, kMaxComponents> sums_{};
  std::uint32_t excess_ = 0;
};

/// The difference at the beginning of these bits (T.81, F.2.2.1).
std::uint32_t dc_difference(std::uint64_t bits, const JpegHuffmanCode& code) {
  const auto symbol = code.first_of(static_cast<std::uint32_t>(bits >> 48U));
  bits <<= symbol.length;
  // Values that begin with a zero are negative.
  const auto is_negative = static_cast<std::uint32_t>(~bits >> 63U);
  const auto value =
      static_cast<std::uint32_t>(bits >> 1U >> (63U - symbol.value));
  return value + ((0U - is_negative) & (1U - (1U << symbol.value)));
}

void PlaneWriter::write(const std::uint8_t* data,
                        std::span<const std::uint32_t> notes) {
  const std::uint32_t base = address_bits(data);
  std::uint32_t excess = 0;
  for (const std::uint32_t note : notes) {
    const std::uint32_t position = note - base;
    const std::uint64_t bits = load_big_endian(data + position / 8)
                               << (position % 8);
    BlockPlace& place = places_[place_];
    const std::uint32_t sum =
        sums_[place.component] + dc_difference(bits, place.tables->dc);
    sums_[place.component] = sum;
    excess |= sum + 0x8000U;
    *place.next = static_cast<std::int16_t>(sum);
    place.next += place.mcu_step;
    if (++place_ == places_.size()) next_mcu();
  }
  excess_ |= excess;
}

void PlaneWriter::next_mcu() {
  place_ = 0;
  if (++mcu_ < mcus_per_row_) return;
  mcu_ = 0;
  for (BlockPlace& place : places_) place.next += place.row_skip;
}

/// The data of one scan, from restart marker to restart marker.
class ScanReader {
 public:
  ScanReader(std::span<const std::uint8_t> data, const DcChunks& chunks,
             const PhaseRing& phases, PlaneWriter& writer)
      : bytes_(data, chunks.bytes),
        finder_(phases, chunks.bytes_for_two),
        writer_(writer) {}

  /// Reads the blocks between two markers. False unless they fill the data up
  /// to the last byte.
  bool read_blocks(std::uint64_t count);
  bool skip_marker(std::uint8_t code) { return bytes_.skip_marker(code); }

 private:
  EntropyBytes bytes_;
  BlockFinder finder_;
  PlaneWriter& writer_;
};

bool ScanReader::read_blocks(std::uint64_t count) {
  writer_.restart();
  std::size_t position = 0;  // bits
  const std::uint32_t base = address_bits(bytes_.data());
  for (std::uint64_t done = 0; done < count;) {
    bytes_.advance(position / 8);
    position %= 8;
    finder_.find(bytes_, position, static_cast<std::size_t>(done));
    const auto first = finder_.first_run();
    const auto second = finder_.second_run();
    const std::size_t found = first.size() + second.size() - 1;
    if (found == 0) return false;
    const auto used =
        static_cast<std::size_t>(std::min<std::uint64_t>(found, count - done));
    const std::uint32_t end =
        used < first.size() ? first[used] : second[used - first.size()];
    position = end - base;
    if (position > bytes_.size() * 8) return false;
    const std::size_t from_first = std::min(used, first.size());
    writer_.write(bytes_.data(), first.first(from_first));
    writer_.write(bytes_.data(), second.first(used - from_first));
    done += used;
  }
  // What is left in the last byte is padding.
  return bytes_.is_complete() && (position + 7) / 8 == bytes_.size();
}

std::size_t rounded_up_quotient(std::size_t value, std::size_t divisor) {
  return (value + divisor - 1) / divisor;
}

/// How a scan is made up. Made only of headers that libjpeg has accepted.
struct ScanLayout {
  std::size_t mcus_per_row = 0;
  std::size_t mcu_rows = 0;
  std::size_t blocks_in_mcu = 0;

  explicit ScanLayout(const jpeg_decompress_struct& jpeg);
  std::size_t plane_width(const jpeg_component_info& component) const {
    return mcus_per_row * width_in_mcu(component);
  }
  std::size_t plane_height(const jpeg_component_info& component) const {
    return mcu_rows * height_in_mcu(component);
  }
  std::size_t width_in_mcu(const jpeg_component_info& component) const {
    return is_single_ ? 1 : static_cast<std::size_t>(component.h_samp_factor);
  }
  std::size_t height_in_mcu(const jpeg_component_info& component) const {
    return is_single_ ? 1 : static_cast<std::size_t>(component.v_samp_factor);
  }

 private:
  /// With one component, an MCU is one block, whatever its sampling factors.
  bool is_single_;
};

ScanLayout::ScanLayout(const jpeg_decompress_struct& jpeg)
    : is_single_(jpeg.num_components == 1) {
  const auto mcu_side = [this](int sampling) {
    return std::size_t{DCTSIZE} *
           (is_single_ ? 1U : static_cast<std::size_t>(sampling));
  };
  mcus_per_row =
      rounded_up_quotient(jpeg.image_width, mcu_side(jpeg.max_h_samp_factor));
  mcu_rows =
      rounded_up_quotient(jpeg.image_height, mcu_side(jpeg.max_v_samp_factor));
  for (int i = 0; i < jpeg.num_components; ++i) {
    blocks_in_mcu +=
        width_in_mcu(jpeg.comp_info[i]) * height_in_mcu(jpeg.comp_info[i]);
  }
}

/// The table that a header names; null if there is none. Headers may name any.
template <class Table, std::size_t count>
const Table* named(Table* const (&tables)[count], int number) {
  const auto n = static_cast<std::size_t>(number);
  return n < count ? tables[n] : nullptr;
}

bool has_tables(const jpeg_decompress_struct& jpeg,
                const jpeg_component_info& component) {
  constexpr int kMaxQuantiser = std::numeric_limits<std::int16_t>::max();
  const JQUANT_TBL* quant = named(jpeg.quant_tbl_ptrs, component.quant_tbl_no);
  return quant != nullptr && quant->quantval[0] != 0 &&
         quant->quantval[0] <= kMaxQuantiser &&
         named(jpeg.dc_huff_tbl_ptrs, component.dc_tbl_no) != nullptr &&
         named(jpeg.ac_huff_tbl_ptrs, component.ac_tbl_no) != nullptr;
}

/// Whether the file is of the kind that is read here.
bool is_handled(const jpeg_decompress_struct& jpeg) {
  if (jpeg.progressive_mode != FALSE || jpeg.arith_code != FALSE ||
      jpeg.data_precision != 8 || jpeg.num_components > kMaxComponents ||
      jpeg.comps_in_scan != jpeg.num_components || jpeg.Ss != 0 ||
      jpeg.Se != DCTSIZE2 - 1 || jpeg.Ah != 0 || jpeg.Al != 0) {
    return false;
  }
  for (int i = 0; i < jpeg.num_components; ++i) {
    // The scan might name one component twice, and another not at all.
    if (jpeg.cur_comp_info[i] != &jpeg.comp_info[i] ||
        !has_tables(jpeg, jpeg.comp_info[i])) {
      return false;
    }
  }
  return true;
}

std::vector<DcPlane> make_planes(const jpeg_decompress_struct& jpeg,
                                 const ScanLayout& layout) {
  std::vector<DcPlane> planes;
  for (int i = 0; i < jpeg.num_components; ++i) {
    const jpeg_component_info& component = jpeg.comp_info[i];
    const std::size_t width = layout.plane_width(component);
    DcPlane plane;
    plane.width = static_cast<int>(component.width_in_blocks);
    plane.height = static_cast<int>(component.height_in_blocks);
    plane.stride = static_cast<int>(width);
    plane.quantiser = jpeg.quant_tbl_ptrs[component.quant_tbl_no]->quantval[0];
    plane.values.resize(width * layout.plane_height(component));
    planes.push_back(std::move(plane));
  }
  return planes;
}

/// The blocks of an MCU in their order: by component, row by row.
std::vector<BlockPlace> make_places(
    const jpeg_decompress_struct& jpeg, const ScanLayout& layout,
    std::span<const std::shared_ptr<const WalkTables>> tables,
    std::span<DcPlane> planes) {
  std::vector<BlockPlace> places;
  for (int i = 0; i < jpeg.num_components; ++i) {
    const auto n = static_cast<std::size_t>(i);
    const auto width =
        static_cast<std::ptrdiff_t>(layout.width_in_mcu(jpeg.comp_info[i]));
    const auto height =
        static_cast<std::ptrdiff_t>(layout.height_in_mcu(jpeg.comp_info[i]));
    const std::ptrdiff_t stride = planes[n].stride;
    for (std::ptrdiff_t y = 0; y < height; ++y) {
      for (std::ptrdiff_t x = 0; x < width; ++x) {
        places.push_back({tables[n].get(), n,
                          planes[n].values.data() + y * stride + x, width,
                          (height - 1) * stride});
      }
    }
  }
  return places;
}

/// From behind the scan header to the end of the file.
std::span<const std::uint8_t> scan_data(const jpeg_decompress_struct& jpeg) {
  return {jpeg.src->next_input_byte, jpeg.src->bytes_in_buffer};
}

}  // namespace

std::uint64_t dc_memory_needed(const jpeg_decompress_struct& jpeg) {
  const ScanLayout layout(jpeg);
  return std::uint64_t{layout.mcus_per_row} * layout.mcu_rows *
         layout.blocks_in_mcu * sizeof(std::int16_t);
}

std::optional<std::vector<DcPlane>> read_jpeg_dc(
    const jpeg_decompress_struct& jpeg, const DcChunks& chunks) {
  if (!is_handled(jpeg)) return std::nullopt;
  const ScanLayout layout(jpeg);
  if (layout.blocks_in_mcu > kMaxBlocksInMcu) return std::nullopt;
  const std::uint64_t mcus =
      std::uint64_t{layout.mcus_per_row} * layout.mcu_rows;
  // A block takes 2 bits or more: this cannot end well, and costs memory.
  const auto data = scan_data(jpeg);
  if (mcus * layout.blocks_in_mcu > std::uint64_t{data.size()} * 4) {
    return std::nullopt;
  }

  std::vector<std::shared_ptr<const WalkTables>> tables;
  for (int i = 0; i < jpeg.num_components; ++i) {
    const jpeg_component_info& component = jpeg.comp_info[i];
    tables.push_back(walk_tables(*jpeg.dc_huff_tbl_ptrs[component.dc_tbl_no],
                                 *jpeg.ac_huff_tbl_ptrs[component.ac_tbl_no]));
    if (!tables.back()) return std::nullopt;
  }
  std::vector<DcPlane> planes = make_planes(jpeg, layout);
  const auto places = make_places(jpeg, layout, tables, planes);
  std::vector<const WalkTables*> tables_of_blocks;
  tables_of_blocks.reserve(places.size());
  for (const BlockPlace& place : places) {
    tables_of_blocks.push_back(place.tables);
  }
  const PhaseRing phases(tables_of_blocks);
  PlaneWriter writer(places, static_cast<int>(layout.mcus_per_row));
  const auto scan = std::make_unique<ScanReader>(data, chunks, phases, writer);

  const std::uint64_t interval =
      jpeg.restart_interval != 0 ? jpeg.restart_interval : mcus;
  unsigned restarts = 0;
  for (std::uint64_t done = 0; done < mcus;) {
    if (done != 0 && !scan->skip_marker(static_cast<std::uint8_t>(
                         kRestartMarker + restarts++ % 8))) {
      return std::nullopt;
    }
    const std::uint64_t count = std::min(interval, mcus - done);
    if (!scan->read_blocks(count * layout.blocks_in_mcu)) return std::nullopt;
    done += count;
  }
  if (!scan->skip_marker(JPEG_EOI) || !writer.is_sound()) return std::nullopt;
  return planes;
}

namespace {

struct Range {
  int least;
  int most;
};

/// The samples of a row of means, and the range of what they were cut from.
VAM_FOR_EACH_CPU
Range write_samples(const std::int16_t* in, int width, int quantiser,
                    std::uint8_t* out) {
  Range means{0, 0};
  for (int x = 0; x < width; ++x) {
    // The DC coefficient is 8 times the mean, less 128.
    const int mean = (in[x] * quantiser + 4) >> 3;
    means.least = std::min(means.least, mean);
    means.most = std::max(means.most, mean);
    out[x] = static_cast<std::uint8_t>(std::clamp(mean + 128, 0, 255));
  }
  return means;
}

}  // namespace

std::optional<Image> samples_of(const DcPlane& plane) {
  // libjpeg's table for clamping is this long.
  constexpr int kMostBelow = -512;
  constexpr int kMostAbove = 511;
  Image image(plane.width, plane.height);
  for (int y = 0; y < image.height; ++y) {
    const Range means =
        write_samples(plane.row(y), image.width, plane.quantiser, image.row(y));
    if (means.least < kMostBelow || means.most > kMostAbove) {
      return std::nullopt;
    }
  }
  return image;
}

}  // namespace vam
