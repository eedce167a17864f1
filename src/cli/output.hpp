// Where the report goes: standard output or a file, and what went wrong there.
#pragma once

#include <array>
#include <atomic>
#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>

namespace vam {

/// Writes to a file descriptor, which it does not own. SIGPIPE has to be
/// ignored for EPIPE to be seen.
class DescriptorBuffer : public std::streambuf {
 public:
  /// Writing ends with ECANCELED soon after `stop` is set, even if nobody reads
  /// the other end of a pipe.
  explicit DescriptorBuffer(int descriptor,
                            const std::atomic<bool>* stop = nullptr);

  /// errno of the first write that failed, or 0. Nothing is written after it.
  int error() const { return error_; }

 protected:
  int_type overflow(int_type c) override;
  int sync() override;

 private:
  bool flush_buffer();
  bool is_stopped() const { return stop_ != nullptr && *stop_; }

  int descriptor_;
  const std::atomic<bool>* stop_;
  bool is_file_ = false;
  int error_ = 0;
  std::array<char, 65536> buffer_;
};

/// How writing the report ended, if not with a FatalError.
enum class OutputEnd {
  complete,
  reader_gone,  ///< EPIPE: whoever read the pipe wants no more
};

/// The target of a report. A file is written under a temporary name beside it
/// and takes its name in finish(): readers see the old report or the whole new
/// one, and a run that fails leaves the old one.
///
/// - A symbolic link stays; what it points to is replaced.
/// - A file that is replaced hands on its permissions; a new one gets what the
///   umask leaves.
/// - Pipes and devices (/dev/null, /dev/stdout, FIFOs) are written directly.
/// - A file that is a picture, or part of a catalog, is not replaced: that is a
///   slip of the pen. This is looked at in the beginning, and again in the end.
class Output {
 public:
  /// Standard output for "" and "-". Throws FatalError if the file cannot be
  /// written, before any work is done for it.
  explicit Output(const std::string& file,
                  const std::atomic<bool>* stop = nullptr);
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  /// Without finish(), what was written to a file is thrown away.
  ~Output();

  std::ostream& stream() { return stream_; }
  /// Whether this is a terminal.
  bool is_terminal() const;

  /// Throws FatalError if not all of the report could be written, Interrupted
  /// if `stop` was set before it was.
  OutputEnd finish();

 private:
  /// What is open, and the names to exchange in the end.
  struct Target {
    int descriptor = -1;
    std::string shown;      ///< what messages call it
    std::string file;       ///< empty if written directly
    std::string temporary;  ///< empty if written directly
  };

  static Target open_target(const std::string& file);
  static Target open_temporary(const std::string& shown,
                               const std::string& file);

  Target target_;
  const std::atomic<bool>* stop_;
  DescriptorBuffer buffer_;
  std::ostream stream_;
};

/// Writes a text to standard output. Throws FatalError if that fails.
void print(std::string_view text);

/// Throws FatalError if this is a picture, by content or name, or part of a
/// catalog: nothing that the user names for output may destroy those.
void refuse_to_overwrite(const std::string& file);

/// Opens /dev/null in place of a closed standard descriptor. Otherwise the next
/// file opened, the catalog maybe, would be the one that messages are written
/// to. Writing to such a place still fails.
void occupy_standard_descriptors();

}  // namespace vam
