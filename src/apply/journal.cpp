#include "apply/journal.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <system_error>

#include "apply/fields.hpp"
#include "report/escape.hpp"

namespace vam {
namespace {

constexpr std::string_view kSchema = "vam-apply-journal/1";
constexpr std::uint64_t kMaxJournalBytes = std::uint64_t{1} << 30;

struct NamedAction {
  std::string_view name;
  FileAction action;
};
constexpr std::array kActions = {
    NamedAction{"move", FileAction::move},
    NamedAction{"trash", FileAction::trash},
    NamedAction{"hardlink", FileAction::hardlink},
    NamedAction{"reflink", FileAction::reflink},
};

[[noreturn]] void refuse(const std::string& file, const std::string& why) {
  throw FatalError("cannot use the journal " + file + ": " + why);
}

std::string reason(int error) { return std::generic_category().message(error); }

Json parse_line(std::string_view line, const std::string& where) {
  try {
    return Json::parse(line.begin(), line.end());
  } catch (const Json::exception&) {
    refuse_field(where, "not JSON");
  }
}

JournalAction action_of(const Fields& fields) {
  JournalAction action;
  action.number = fields.whole("n");
  action.action = fields.named("action", kActions).action;
  action.path = fields.path("path");
  action.to = fields.path("to");
  action.keep = fields.path("keep");
  action.size_bytes = fields.whole("size");
  action.mtime_ns = fields.time("mtime");
  action.digest = fields.digest("checksum");
  action.inode = fields.whole("inode");
  if (action.action == FileAction::trash) {
    action.deleted_at = fields.text("deleted_at");
  }
  return action;
}

void take_step(const Fields& fields, std::vector<JournalEntry>& entries) {
  const std::string step = fields.text("step");
  const std::uint64_t number = fields.whole("n");
  if (step == "begin") {
    if (number != entries.size() + 1) fields.refuse("n", "not the next one");
    entries.push_back({action_of(fields), ActionProgress::begun, {}});
    return;
  }
  if (number == 0 || number > entries.size()) {
    fields.refuse("n", "was never begun");
  }
  JournalEntry& entry = entries[number - 1];
  ActionProgress& progress = entry.progress;
  if (step == "done") {
    progress = ActionProgress::done;
  } else if (step == "failed") {
    progress = ActionProgress::failed;
    if (fields.has("at")) entry.failed_ns = fields.time("at");
  } else if (step == "undone") {
    progress = ActionProgress::undone;
  } else if (step != "undo") {
    fields.refuse("step", "\"" + step + "\" is unknown");
  }
}

std::string read_all(const Descriptor& file, const std::string& name) {
  std::string text;
  std::array<char, 65536> block;
  for (;;) {
    const ssize_t count = read(file.get(), block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) refuse(name, reason(errno));
    if (count == 0) return text;
    text.append(block.data(), static_cast<std::size_t>(count));
    if (text.size() > kMaxJournalBytes) refuse(name, "it is too large");
  }
}

}  // namespace

std::string_view to_string(FileAction action) {
  return kActions[static_cast<std::size_t>(action)].name;
}

JournalContent parse_journal(std::string_view text) {
  JournalContent content;
  std::size_t number = 0;
  for (std::size_t end = text.find('\n'); end != text.npos;
       end = text.find('\n', content.whole_bytes)) {
    const std::string where = "line " + std::to_string(++number);
    const std::string_view line =
        text.substr(content.whole_bytes, end - content.whole_bytes);
    const Json json = parse_line(line, where);
    const Fields fields(json, where);
    if (number > 1) {
      take_step(fields, content.entries);
    } else if (fields.text("schema") != kSchema) {
      fields.refuse("schema", "not " + std::string(kSchema));
    }
    content.whole_bytes = end + 1;
  }
  return content;
}

Journal::Journal(Descriptor file, std::string name)
    : file_(std::move(file)), name_(std::move(name)) {}

Journal Journal::create(const std::string& file, const std::string& version,
                        FileAction action) {
  Descriptor made(::open(file.c_str(),
                         O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC |
                             O_NOFOLLOW | O_NOCTTY,
                         0600));
  if (!made) {
    refuse(file, errno == EEXIST ? "there is one already: name another one"
                                 : reason(errno));
  }
  if (flock(made.get(), LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    unlink(file.c_str());
    refuse(file, reason(error));
  }
  Journal journal(std::move(made), file);
  Json header;
  header["schema"] = kSchema;
  header["version"] = version;
  header["action"] = to_string(action);
  journal.append(header.dump());
  const auto folder = std::filesystem::path(file).parent_path();
  const Descriptor place(::open(folder.empty() ? "." : folder.c_str(),
                                O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!place) refuse(file, reason(errno));
  sync_folder(place);
  return journal;
}

Journal Journal::open(const std::string& file, Act act,
                      JournalContent& content) {
  const int access = act == Act::really ? O_RDWR | O_APPEND : O_RDONLY;
  Descriptor opened(::open(
      file.c_str(), access | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
  if (!opened) refuse(file, reason(errno));
  struct stat status {};
  if (fstat(opened.get(), &status) != 0) refuse(file, reason(errno));
  if (!S_ISREG(status.st_mode)) refuse(file, "it is no regular file");
  // Whoever writes it says which files are moved where.
  if (status.st_uid != geteuid() || (status.st_mode & 022) != 0) {
    refuse(file, "others may have written it");
  }
  // NFS gives the exclusive lock only to those who may write.
  const int lock = act == Act::really ? LOCK_EX : LOCK_SH;
  if (flock(opened.get(), lock | LOCK_NB) != 0) {
    refuse(file, errno == EWOULDBLOCK ? "another vam-apply is at work with it"
                                      : reason(errno));
  }
  try {
    content = parse_journal(read_all(opened, file));
  } catch (const FatalError& error) {
    refuse(file, error.what());
  }
  if (content.whole_bytes == 0) refuse(file, "it is empty");
  // What follows must begin on a line of its own.
  if (act == Act::really &&
      ftruncate(opened.get(), static_cast<off_t>(content.whole_bytes)) != 0) {
    refuse(file, reason(errno));
  }
  return {std::move(opened), file};
}

void Journal::begin(const JournalAction& action) {
  Json line;
  line["n"] = action.number;
  line["step"] = "begin";
  line["action"] = to_string(action.action);
  add_path(line, "path", action.path);
  add_path(line, "to", action.to);
  add_path(line, "keep", action.keep);
  line["size"] = action.size_bytes;
  line["mtime"] = format_time(action.mtime_ns);
  line["checksum"] = to_hex(action.digest);
  line["inode"] = action.inode;
  if (action.action == FileAction::trash) {
    line["deleted_at"] = action.deleted_at;
  }
  append(line.dump());
}

void Journal::note(std::uint64_t number, std::string_view step) {
  Json line;
  line["n"] = number;
  line["step"] = step;
  append(line.dump());
}

void Journal::note_failure(std::uint64_t number, const std::string& why) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  Json line;
  line["n"] = number;
  line["step"] = "failed";
  line["at"] = format_time(
      std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
  line["why"] = to_utf8(why);
  append(line.dump());
}

void Journal::append(const std::string& line) {
  int error = write_all(file_, line + '\n');
  if (error == 0 && fdatasync(file_.get()) != 0) error = errno;
  if (error != 0) {
    throw FatalError("cannot write the journal " + name_ + ": " +
                     reason(error));
  }
}

}  // namespace vam
