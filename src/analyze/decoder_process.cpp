// Lets another process decode, whose death costs one file and not the run.
#include "analyze/decoder_process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <fstream>
#include <string_view>
#include <utility>

#include "vam/error.hpp"

namespace vam {
namespace {

/// How often a worker that waits looks whether it still should.
constexpr timeval kTick{0, 200'000};
constexpr std::uint32_t kTicksPerSecond = 5;

/// How long a new process may wait for something before it says that it is
/// there.
constexpr std::uint32_t kStartSeconds = 30;

/// A descriptor for as long as a function needs it.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  int get() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

bool is_true(const std::atomic<bool>* stop) { return stop != nullptr && *stop; }

/// The environment, but with one thread for what decoders do with OpenMP or
/// BLAS: a thread for each CPU in each process would be too many.
std::vector<std::string> single_threaded_environment() {
  std::vector<std::string> variables = {"OMP_NUM_THREADS=1",
                                        "OPENBLAS_NUM_THREADS=1"};
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    if (!text.starts_with("OMP_") && !text.starts_with("OPENBLAS_NUM_")) {
      variables.emplace_back(text);
    }
  }
  return variables;
}

/// As the system calls want them; for as long as the strings.
std::vector<char*> pointers_to(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (const std::string& string : strings) {
    pointers.push_back(const_cast<char*>(string.c_str()));
  }
  pointers.push_back(nullptr);
  return pointers;
}

/// What a file can make a decoder do. The run may ignore other signals, which
/// the process then has to, too.
constexpr std::array kCrashes = {SIGSEGV, SIGBUS,  SIGFPE, SIGILL,
                                 SIGABRT, SIGTRAP, SIGSYS};

/// libjxl ends so where it gets no memory, too: not to be remembered.
constexpr int kGivesUp = SIGILL;

/// Starts the command with the channel as its standard input and the memory as
/// its standard output: descriptors that no other one can be in the way of.
/// Returns errno, or 0.
int spawn(const std::vector<std::string>& command, int channel, int memory,
          pid_t& pid) {
  const std::vector<std::string> variables = single_threaded_environment();
  const std::vector<char*> arguments = pointers_to(command);
  const std::vector<char*> environment = pointers_to(variables);
  // A decoder need not write there.
  const Descriptor read_only(
      open(("/proc/self/fd/" + std::to_string(memory)).c_str(),
           O_RDONLY | O_CLOEXEC));
  sigset_t to_default;
  sigemptyset(&to_default);
  for (const int number : kCrashes) sigaddset(&to_default, number);
  for (const int number : {SIGPIPE, SIGXFSZ, SIGPROF}) {
    sigaddset(&to_default, number);
  }
  // Ctrl-C must not kill it before it can say that it does not care.
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGINT);

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  if (const int error = posix_spawn_file_actions_init(&actions)) return error;
  if (const int error = posix_spawnattr_init(&attributes)) {
    posix_spawn_file_actions_destroy(&actions);
    return error;
  }
  int error = posix_spawn_file_actions_adddup2(&actions, channel, STDIN_FILENO);
  if (error == 0) {
    error = posix_spawn_file_actions_adddup2(
        &actions, read_only.get() >= 0 ? read_only.get() : memory,
        STDOUT_FILENO);
  }
  if (error == 0) {
    error =
        posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  }
  posix_spawnattr_setsigdefault(&attributes, &to_default);
  posix_spawnattr_setsigmask(&attributes, &blocked);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  if (error == 0) {
    error = posix_spawn(&pid, command.front().c_str(), &actions, &attributes,
                        arguments.data(), environment.data());
  }
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

std::string name_of_signal(int number) {
  const char* const name = sigabbrev_np(number);
  return name == nullptr ? "signal " + std::to_string(number)
                         : std::string("SIG") + name;
}

}  // namespace

DecoderProcess::~DecoderProcess() {
  if (is_running()) kill_it();
}

std::string DecoderProcess::start(const std::vector<std::string>& command,
                                  int memory, const std::atomic<bool>* stop) {
  buffer_.resize(kMaxDecoderMessageBytes);
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return std::strerror(errno);
  }
  Descriptor ours(ends[0]);
  Descriptor theirs(ends[1]);
  setsockopt(ours.get(), SOL_SOCKET, SO_RCVTIMEO, &kTick, sizeof kTick);
  pid_t pid = -1;
  const int error = spawn(command, theirs.get(), memory, pid);
  if (error != 0) return std::strerror(error);
  pid_ = pid;
  channel_ = ours.release();
  has_answered_ = false;
  close(theirs.release());  // the end of the process has to be the only one
  // One that cannot even begin is not the fault of a file.
  if (receive(kStartSeconds, stop) == Wait::message && is_go(message_)) {
    return {};
  }
  kill_it();
  if (is_true(stop)) throw Interrupted();
  return "it does not get ready";
}

bool DecoderProcess::send(std::span<const std::byte> message) const {
  ssize_t sent = -1;
  do {
    sent = ::send(channel_, message.data(), message.size(), MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent >= 0;
}

std::chrono::nanoseconds DecoderProcess::cpu_time() const {
  clockid_t clock{};
  timespec spent{};
  if (clock_getcpuclockid(pid_, &clock) == 0) clock_gettime(clock, &spent);
  return std::chrono::seconds(spent.tv_sec) +
         std::chrono::nanoseconds(spent.tv_nsec);
}

DecoderProcess::Wait DecoderProcess::receive(std::uint32_t cpu_seconds,
                                             const std::atomic<bool>* stop) {
  // A decoder that computes is ended by the limit on its processor time. This
  // is for one that waits, as for a lock that nobody will open. Ticks are
  // counted, not the time that passes: none does for a run that is suspended.
  std::uint32_t idle_ticks = 0;
  std::chrono::nanoseconds spent{};
  while (cpu_seconds == 0 || idle_ticks < cpu_seconds * kTicksPerSecond) {
    if (is_true(stop)) {
      kill_it();
      throw Interrupted();
    }
    const ssize_t size = recv(channel_, buffer_.data(), buffer_.size(), 0);
    if (size > 0) {
      message_ = std::span(buffer_).first(static_cast<std::size_t>(size));
      return Wait::message;
    }
    if (size == 0 || (errno != EINTR && errno != EAGAIN)) return Wait::ended;
    if (errno == EINTR) continue;
    const std::chrono::nanoseconds now = cpu_time();
    idle_ticks = now == spent ? idle_ticks + 1 : 0;
    spent = now;
  }
  return Wait::hangs;
}

DecoderAnswer DecoderProcess::look(const DecodeRequest& request,
                                   const DecodeLimits& limits,
                                   const std::atomic<bool>* stop) {
  try {
    if (!send(pack(request))) return died_of(cause_of_death(0));
    for (;;) {
      switch (receive(request.cpu_seconds, stop)) {
        case Wait::ended:
          return died_of(cause_of_death(request.cpu_seconds));
        case Wait::hangs:
          kill_it();
          return died_of(
              {ErrorCode::timeout, "the decoder waits for what does not come"});
        case Wait::message:
          break;
      }
      if (auto answer = unpack_look(message_)) {
        has_answered_ = true;
        return {std::move(*answer), true};
      }
      const auto bytes = unpack_reservation(message_);
      if (!bytes || *bytes > limits.max_memory_bytes) {
        kill_it();
        return died_of({ErrorCode::crashed, "the decoder talks nonsense"});
      }
      if (limits.reserve) limits.reserve(*bytes);
      send(pack_go());  // if it has died, receive() tells
    }
  } catch (...) {
    // What it still has to say would be taken for the next answer.
    if (is_running()) kill_it();
    throw;
  }
}

DecoderAnswer DecoderProcess::died_of(Error error) const {
  // A process that served other files before may have died of one of those.
  return {{{{}, tl::unexpected(std::move(error)), {}}, {}}, !has_answered_};
}

void DecoderProcess::kill_it() {
  kill(pid_, SIGKILL);
  reap();
}

int DecoderProcess::reap() {
  close(channel_);
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0) {
    if (errno == EINTR) continue;
    status = 0;
    break;
  }
  pid_ = -1;
  channel_ = -1;
  return status;
}

Error DecoderProcess::cause_of_death(std::uint32_t cpu_seconds) {
  // It may have closed the channel and live on.
  kill(pid_, SIGKILL);
  const int status = reap();
  if (!WIFSIGNALED(status)) {
    return {ErrorCode::crashed, "the decoder ended by itself"};
  }
  const int number = WTERMSIG(status);
  if (number == SIGPROF) {
    return {ErrorCode::timeout, "not decoded within " +
                                    std::to_string(cpu_seconds) +
                                    " s of processor time"};
  }
  if (std::ranges::find(kCrashes, number) != kCrashes.end() &&
      number != kGivesUp) {
    return {ErrorCode::crashed,
            "the decoder crashed (" + name_of_signal(number) + ")"};
  }
  return {ErrorCode::too_large,
          number == kGivesUp
              ? "the decoder gave up, perhaps for want of memory"
              : "the decoder was killed, perhaps for want of memory"};
}

std::uint64_t DecoderProcess::peak_memory_bytes() const {
  if (!is_running()) return 0;
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  std::uint64_t peak = 0;
  std::uint64_t shared = 0;
  for (std::string line; std::getline(status, line);) {
    const auto value = [&](std::string_view name) -> std::uint64_t {
      if (!line.starts_with(name)) return 0;
      return std::strtoull(line.c_str() + name.size(), nullptr, 10) * 1024;
    };
    peak += value("VmHWM:");
    shared += value("RssFile:") + value("RssShmem:");
  }
  return peak - std::min(peak, shared);
}

std::uint64_t PictureDecoder::peak_memory_bytes() const {
  return process_.peak_memory_bytes();
}

std::optional<Look> PictureDecoder::look_elsewhere(std::uint64_t bytes,
                                                   const DecodeLimits& limits,
                                                   StepClock& clock,
                                                   LookFor look_for) {
  DecodeRequest request;
  request.size_bytes = bytes;
  request.capacity_bytes = memory_.capacity_bytes();
  request.max_side = limits.max_side;
  request.max_pixels = limits.max_pixels;
  request.max_memory_bytes = limits.max_memory_bytes;
  request.cpu_seconds = cpu_seconds_;
  request.look_for = look_for;
  if (!memory_.is_shared()) {
    // A process would look at the file before.
    trouble_ = "no memory to share";
    return std::nullopt;
  }
  for (;;) {
    if (!process_.is_running()) {
      std::string trouble =
          process_.start(command_, memory_.descriptor(), stop_);
      if (!trouble.empty()) {
        trouble_ = std::move(trouble);
        return std::nullopt;
      }
    }
    auto [answer, is_certain] = process_.look(request, limits, stop_);
    if (!is_certain) continue;  // once more, in a fresh process
    // It may have lost memory to the files before. The next one starts anew.
    if (!answer.look.fingerprint &&
        answer.look.fingerprint.error().code == ErrorCode::too_large) {
      process_.end();
    }
    clock.enter(HashStep::fingerprint);
    clock.move(HashStep::decode, HashStep::fingerprint,
               answer.fingerprint_time);
    return std::move(answer.look);
  }
}

Look PictureDecoder::look(std::uint64_t bytes, const DecodeLimits& limits,
                          StepClock& clock, LookFor look_for) {
  clock.enter(HashStep::decode);
  const std::span<const std::byte> file = memory_.room_for(bytes);
  if (!command_.empty()) {
    if (auto look = look_elsewhere(bytes, limits, clock, look_for)) {
      // What killed a decoder is looked at no closer.
      if (look->info.format == Format::unknown) {
        look->info.format =
            recognise(file.first(std::min(file.size(), kHeadBytes)));
      }
      return std::move(*look);
    }
  }
  return look_at(file, limits, clock, look_for);
}

}  // namespace vam
