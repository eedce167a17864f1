// Fuzz target: the reader of DC coefficients agrees with libjpeg or leaves the
// file alone, however it is cut into chunks.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>

#include "unit/jpeg_dc_check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const auto file = std::as_bytes(std::span(data, size));
  // Small chunks, that small files have seams, too.
  const DcOutcome small =
      check_dc(file, {.bytes = vam::DcChunks::kMinBytes, .bytes_for_two = 64});
  const DcOutcome usual = check_dc(file);
  if (small == DcOutcome::differs || small == DcOutcome::too_lenient ||
      small != usual) {
    std::fprintf(stderr, "outcome %d in small chunks, %d in usual ones\n",
                 static_cast<int>(small), static_cast<int>(usual));
    std::abort();
  }
  return 0;
}
