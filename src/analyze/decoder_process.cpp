// Lets another process decode, whose death costs one file and not the run.
#include "analyze/decoder_process.hpp"

#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <utility>

#include "vam/error.hpp"

extern char** environ;

namespace vam {
namespace {

/// How often a worker that waits looks whether it still should.
constexpr timeval kTick{0, 200'000};
constexpr std::uint32_t kTicksPerSecond = 5;

/// How long a new process may wait for something before it says that it is
/// there.
constexpr std::uint32_t kStartSeconds = 30;

bool is_true(const std::atomic<bool>* stop) { return stop != nullptr && *stop; }

/// Starts the command with the channel as its standard input and the memory as
/// its standard output: descriptors that no other one can be in the way of.
int spawn(const std::vector<std::string>& command, int channel, int memory,
          pid_t& pid) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  if (const int error = posix_spawn_file_actions_init(&actions)) return error;
  if (const int error = posix_spawnattr_init(&attributes)) {
    posix_spawn_file_actions_destroy(&actions);
    return error;
  }
  posix_spawn_file_actions_adddup2(&actions, channel, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, memory, STDOUT_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  sigset_t signals;
  sigfillset(&signals);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  std::vector<char*> arguments;
  for (const std::string& argument : command) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  const int error = posix_spawn(&pid, command.front().c_str(), &actions,
                                &attributes, arguments.data(), environ);
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

bool DecoderProcess::start(const std::vector<std::string>& command, int memory,
                           const std::atomic<bool>* stop) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return false;
  }
  setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &kTick, sizeof kTick);
  pid_t pid = -1;
  const int error = spawn(command, ends[1], memory, pid);
  close(ends[1]);
  if (error != 0) {
    close(ends[0]);
    errno = error;
    return false;
  }
  pid_ = pid;
  channel_ = ends[0];
  buffer_.resize(kMaxDecoderMessageBytes);
  // One that cannot even begin is not the fault of a file.
  if (receive(kStartSeconds, stop) == Wait::message && is_go(message_)) {
    return true;
  }
  kill_it();
  errno = ENOEXEC;
  return false;
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
    const ssize_t size = recv(channel_, buffer_.data(), buffer_.size(), 0);
    if (size > 0) {
      message_ = std::span(buffer_).first(static_cast<std::size_t>(size));
      return Wait::message;
    }
    if (size == 0 || (errno != EINTR && errno != EAGAIN)) return Wait::ended;
    const bool is_tick = errno == EAGAIN;
    if (is_true(stop)) {
      kill_it();
      throw Interrupted();
    }
    if (!is_tick) continue;
    const std::chrono::nanoseconds now = cpu_time();
    idle_ticks = now == spent ? idle_ticks + 1 : 0;
    spent = now;
  }
  return Wait::hangs;
}

std::optional<LookAnswer> DecoderProcess::look(const DecodeRequest& request,
                                               const DecodeLimits& limits,
                                               const std::atomic<bool>* stop) {
  if (!send(pack(request))) {
    kill_it();
    return std::nullopt;
  }
  const auto failed = [](Error error) {
    return LookAnswer{{{}, tl::unexpected(std::move(error)), {}}, {}};
  };
  for (;;) {
    switch (receive(request.cpu_seconds, stop)) {
      case Wait::ended:
        return failed(cause_of_death(request.cpu_seconds));
      case Wait::hangs:
        kill_it();
        return failed(
            {ErrorCode::timeout, "the decoder waits for what does not come"});
      case Wait::message:
        break;
    }
    if (auto answer = unpack_look(message_)) return answer;
    const auto bytes = unpack_reservation(message_);
    if (!bytes || *bytes > limits.max_memory_bytes) {
      kill_it();
      return failed({ErrorCode::crashed, "the decoder talks nonsense"});
    }
    if (limits.reserve) limits.reserve(*bytes);
    send(pack_go());  // if it has died, receive() tells
  }
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
  // It may have closed the socket and live on.
  kill(pid_, SIGKILL);
  const int status = reap();
  if (!WIFSIGNALED(status)) {
    return {ErrorCode::crashed, "the decoder ended by itself"};
  }
  switch (const int number = WTERMSIG(status)) {
    case SIGXCPU:
      return {ErrorCode::timeout, "not decoded within " +
                                      std::to_string(cpu_seconds) +
                                      " s of processor time"};
    case SIGKILL:
    case SIGTERM:
      return {ErrorCode::too_large,
              "the decoder was killed, perhaps for want of memory"};
    default:
      return {ErrorCode::crashed,
              "the decoder crashed (" + name_of_signal(number) + ")"};
  }
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
                                                   StepClock& clock) {
  DecodeRequest request;
  request.size_bytes = bytes;
  request.capacity_bytes = memory_.capacity_bytes();
  request.max_side = limits.max_side;
  request.max_pixels = limits.max_pixels;
  request.max_memory_bytes = limits.max_memory_bytes;
  request.cpu_seconds = cpu_seconds_;
  // One that has died of nothing that it was asked is started anew, once.
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (!process_.is_running() &&
        !process_.start(command_, memory_.descriptor(), stop_)) {
      trouble_ = std::strerror(errno);
      return std::nullopt;
    }
    if (auto answer = process_.look(request, limits, stop_)) {
      clock.enter(HashStep::fingerprint);
      clock.move(HashStep::decode, HashStep::fingerprint,
                 answer->fingerprint_time);
      return std::move(answer->look);
    }
  }
  trouble_ = "it ends by itself";
  return std::nullopt;
}

Look PictureDecoder::look(std::uint64_t bytes, const DecodeLimits& limits,
                          StepClock& clock) {
  clock.enter(HashStep::decode);
  const std::span<const std::byte> file = memory_.room_for(bytes);
  if (!command_.empty()) {
    auto look = look_elsewhere(bytes, limits, clock);
    if (look) {
      if (look->info.format == Format::unknown) {
        look->info.format = recognise_file(file);
      }
      return std::move(*look);
    }
  }
  return look_at(file, limits, clock);
}

}  // namespace vam
