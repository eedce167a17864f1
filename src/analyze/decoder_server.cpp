// The other side of a DecoderProcess: decodes what it is asked for, and dies of
// what it has to.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <new>
#include <optional>
#include <vector>

#include "analyze/decoder_message.hpp"
#include "analyze/look.hpp"
#include "analyze/stopwatch.hpp"
#include "vam/analyze.hpp"

namespace vam {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kIsSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kIsSanitized = true;
#else
constexpr bool kIsSanitized = false;
#endif
#else
constexpr bool kIsSanitized = false;
#endif

/// What the program and its libraries take before any file comes.
constexpr std::uint64_t kOwnMemoryBytes = std::uint64_t{256} << 20;

void limit(__rlimit_resource what, rlim_t value) {
  rlimit limits{};
  if (getrlimit(what, &limits) != 0) return;
  limits.rlim_cur = std::min(value, limits.rlim_max);
  setrlimit(what, &limits);
}

/// Moves a descriptor away from where libraries may print.
int take_over(int standard, int null) {
  const int moved = fcntl(standard, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  if (null < 0 || dup2(null, standard) < 0) close(standard);
  return moved;
}

/// If memory runs out, the system had better end this process than the run.
void offer_to_be_killed() {
  constexpr int kScore = 500;
  int score = 0;
  std::ifstream("/proc/self/oom_score_adj") >> score;
  if (score < kScore) std::ofstream("/proc/self/oom_score_adj") << kScore;
}

class DecoderServer {
 public:
  DecoderServer() {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // Ctrl-C in a terminal reaches all of its processes. The run decides.
    signal(SIGINT, SIG_IGN);
    offer_to_be_killed();
    // A core would lie in the current folder, which may be one of photos.
    limit(RLIMIT_CORE, 0);
    prctl(PR_SET_DUMPABLE, 0);
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    channel_ = take_over(STDIN_FILENO, null);
    memory_ = take_over(STDOUT_FILENO, null);
    // Libraries print for their authors. Sanitizers print for ours.
    if (!kIsSanitized && null >= 0) dup2(null, STDERR_FILENO);
    buffer_.resize(kMaxDecoderMessageBytes);
  }

  int run() {
    if (!send(pack_go())) return EXIT_FAILURE;
    while (receive()) {
      const auto request = unpack_request(message_);
      if (!request) return EXIT_FAILURE;
      if (!send(pack(answer(*request)))) return EXIT_SUCCESS;
    }
    return EXIT_SUCCESS;
  }

 private:
  LookAnswer answer(const DecodeRequest& request) try {
    if (!map(request.capacity_bytes)) throw std::bad_alloc();
    if (!kIsSanitized) {
      // Decoders say beforehand what they need; this is for those that err.
      limit(RLIMIT_DATA, request.max_memory_bytes + kOwnMemoryBytes);
    }
    DecodeLimits limits;
    limits.max_side = request.max_side;
    limits.max_pixels = request.max_pixels;
    limits.max_memory_bytes = request.max_memory_bytes;
    limits.reserve = [this](std::uint64_t bytes) {
      // Without an answer the run is gone, and nobody waits for this picture.
      if (!send(pack_reservation(bytes)) || !receive() || !is_go(message_)) {
        std::_Exit(EXIT_SUCCESS);
      }
    };
    StepClock clock;
    limit_cpu(request.cpu_seconds);
    Look look = look_at(mapped_.first(request.size_bytes), limits, clock,
                        request.look_for);
    limit_cpu(0);
    clock.enter(HashStep::idle);
    return {std::move(look), clock.spent(HashStep::fingerprint)};
  } catch (const std::bad_alloc&) {
    limit_cpu(0);
    return {{{}, fail(ErrorCode::too_large, "not enough memory"), {}}, {}};
  }

  /// Of all threads, from now on. Beyond it, the system sends SIGPROF, which is
  /// deadly. 0 takes the limit away.
  static void limit_cpu(std::uint32_t seconds) {
    itimerval timer{};
    timer.it_value.tv_sec = static_cast<time_t>(seconds);
    setitimer(ITIMER_PROF, &timer, nullptr);
  }

  bool map(std::uint64_t bytes) {
    if (bytes == mapped_.size()) return true;
    if (!mapped_.empty()) munmap(mapped_.data(), mapped_.size());
    mapped_ = {};
    void* const address =
        mmap(nullptr, bytes, PROT_READ, MAP_SHARED, memory_, 0);
    if (address == MAP_FAILED) return false;
    mapped_ = {static_cast<std::byte*>(address), bytes};
    return true;
  }

  bool receive() {
    ssize_t size = -1;
    do {
      size = recv(channel_, buffer_.data(), buffer_.size(), 0);
    } while (size < 0 && errno == EINTR);
    if (size <= 0) return false;
    message_ = std::span(buffer_).first(static_cast<std::size_t>(size));
    return true;
  }

  bool send(std::span<const std::byte> message) const {
    return ::send(channel_, message.data(), message.size(), MSG_NOSIGNAL) >= 0;
  }

  int channel_ = -1;
  int memory_ = -1;
  std::span<std::byte> mapped_;
  std::vector<std::byte> buffer_;
  std::span<const std::byte> message_;
};

}  // namespace

int serve_decoding() { return DecoderServer().run(); }

}  // namespace vam
