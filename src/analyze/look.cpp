// What the bytes of a file show: decoded, reduced to what is remembered.
#include "analyze/look.hpp"

#include <utility>

#include "analyze/thumbnail.hpp"

namespace vam {

Look look_at(std::span<const std::byte> file, const DecodeLimits& limits,
             StepClock& clock, LookFor look_for) {
  clock.enter(HashStep::decode);
  auto decoded = decode(file, limits);
  if (!decoded) {
    PictureInfo info;
    info.format = recognise_file(file);
    return {info, tl::unexpected(std::move(decoded.error())), {}};
  }
  clock.enter(HashStep::fingerprint);
  if (look_for == LookFor::thumbnail) {
    return {std::move(decoded->info), Fingerprint{}, Sketch{},
            make_thumbnail(*decoded)};
  }
  const Reductions upright(decoded->image);
  const Fingerprint fingerprint = make_fingerprint(upright);
  Sketch sketch = make_sketch(upright, decoded->chroma, fingerprint.content);
  return {std::move(decoded->info), fingerprint, std::move(sketch)};
}

}  // namespace vam
