// Lets another process decode, whose death costs one file and not the run.
//
// Decoders are large, old and fed with whatever is on the disk; now and then
// one crashes, or never ends. So every worker has a process of its own for
// them. It is the same program, started anew (posix_spawn, which works whatever
// the threads of the run are doing), and shares with its worker the memory that
// the file is read into. What it sends back is small. It ends with the run: its
// end of the socket tells.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "analyze/decoder_message.hpp"
#include "analyze/look.hpp"
#include "analyze/shared_memory.hpp"
#include "vam/decode.hpp"

namespace vam {

struct DecoderAnswer {
  LookAnswer answer;
  /// Whether it is about this file: not if a process that has served others
  /// before died over it.
  bool is_certain = true;
};

/// A process that serves as serve_decoding() says, or none. Not thread-safe.
class DecoderProcess {
 public:
  DecoderProcess() = default;
  DecoderProcess(const DecoderProcess&) = delete;
  DecoderProcess& operator=(const DecoderProcess&) = delete;
  /// Ends it, whatever it does.
  ~DecoderProcess();

  /// Starts `command`, for files in this memory. Returns why that failed, or
  /// nothing. Throws Interrupted as look() does.
  std::string start(const std::vector<std::string>& command, int memory,
                    const std::atomic<bool>* stop);
  void end() {
    if (is_running()) kill_it();
  }
  bool is_running() const { return pid_ > 0; }

  /// What the process, which is running, has to say of the file in the memory.
  /// If it dies, that is the error, and there is none running any more. `stop`
  /// may be null; throws Interrupted soon after it became true, without the
  /// process.
  DecoderAnswer look(const DecodeRequest& request, const DecodeLimits& limits,
                     const std::atomic<bool>* stop);

  /// Memory that it had at most and shares with nobody, bytes.
  std::uint64_t peak_memory_bytes() const;

 private:
  enum class Wait { message, ended, hangs };

  Wait receive(std::uint32_t cpu_seconds, const std::atomic<bool>* stop);
  bool send(std::span<const std::byte> message) const;
  std::chrono::nanoseconds cpu_time() const;
  void kill_it();
  int reap();
  Error cause_of_death(std::uint32_t cpu_seconds);
  DecoderAnswer died_of(Error error) const;

  pid_t pid_ = -1;
  int channel_ = -1;
  bool has_answered_ = false;
  std::vector<std::byte> buffer_;
  std::span<const std::byte> message_;  ///< the last one, in buffer_
};

/// What a worker decodes with: room for a file, and a process that looks at it.
/// Without a command, or where no process can be had, this one does. Not
/// thread-safe.
class PictureDecoder {
 public:
  /// All of these must outlive it; `stop` may be null.
  PictureDecoder(const std::vector<std::string>& command,
                 std::uint32_t cpu_seconds, const std::atomic<bool>* stop)
      : command_(command), cpu_seconds_(cpu_seconds), stop_(stop) {}

  /// Throws std::bad_alloc.
  std::span<std::byte> room_for(std::uint64_t bytes) {
    return memory_.room_for(bytes);
  }

  /// Looks at the file of this size that was put there. Throws Interrupted.
  Look look(std::uint64_t bytes, const DecodeLimits& limits, StepClock& clock,
            LookFor look_for = LookFor::fingerprint);

  void trim() { memory_.trim(); }

  /// Why a process could not be started since this was last asked; empty if
  /// all could.
  std::string take_trouble() { return std::exchange(trouble_, {}); }

  /// What its process had at most, if it is still running.
  std::uint64_t peak_memory_bytes() const;

 private:
  std::optional<Look> look_elsewhere(std::uint64_t bytes,
                                     const DecodeLimits& limits,
                                     StepClock& clock, LookFor look_for);

  const std::vector<std::string>& command_;
  const std::uint32_t cpu_seconds_;
  const std::atomic<bool>* const stop_;
  SharedMemory memory_;
  DecoderProcess process_;
  std::string trouble_;
};

/// One for each worker of a pool.
class PictureDecoders {
 public:
  /// As for PictureDecoder.
  PictureDecoders(int workers, const std::vector<std::string>& command,
                  std::uint32_t cpu_seconds, const std::atomic<bool>* stop) {
    for (int n = 0; n < workers; ++n) {
      decoders_.emplace_back(command, cpu_seconds, stop);
    }
  }

  /// Of the worker with this number, counted from 0; for one thread at a time.
  PictureDecoder& of(int worker) {
    return decoders_.at(static_cast<std::size_t>(worker));
  }

 private:
  std::deque<PictureDecoder> decoders_;
};

}  // namespace vam
