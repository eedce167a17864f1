// A decoder that dies of some pictures: loaded into the program by LD_PRELOAD,
// it takes libpng's place where that is asked for the width of a picture.
#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace {

/// Much more than a decoder may have. Nothing is written there.
void* take(void* (*allocate)(std::size_t)) {
  void* volatile memory = allocate(std::size_t{2} << 30U);
  return memory;
}

}  // namespace

extern "C" std::uint32_t png_get_image_width(const void* png, const void* info);

std::uint32_t png_get_image_width(const void* png, const void* info) {
  using Function = std::uint32_t (*)(const void*, const void*);
  static const auto real =
      reinterpret_cast<Function>(dlsym(RTLD_NEXT, "png_get_image_width"));
  const std::uint32_t width = real(png, info);
  static bool is_doomed = false;
  switch (width) {
    case 601:
      std::signal(SIGSEGV, SIG_DFL);  // sanitizers handle it
      std::raise(SIGSEGV);
      break;
    case 602:
      std::signal(SIGABRT, SIG_DFL);
      std::abort();
    case 603:
      for (volatile bool forever = true; forever;) {
      }
      break;
    case 604:
      if (const char* const mark = std::getenv("DYING_DECODER_MARK")) {
        close(creat(mark, 0600));
      }
      for (;;) pause();
    case 605:
      std::_Exit(0);
    case 606:
      std::raise(SIGKILL);  // as the system does when memory runs out
      break;
    case 607:  // dies of the next picture
      is_doomed = true;
      break;
    case 608:
      ::operator delete(take(::operator new));
      break;
    case 609:  // as libraries of C do
      if (void* const memory = take(std::malloc)) {
        std::free(memory);
      } else {
        std::signal(SIGABRT, SIG_DFL);
        std::abort();
      }
      break;
    default:
      if (is_doomed) std::abort();
      break;
  }
  return width;
}
