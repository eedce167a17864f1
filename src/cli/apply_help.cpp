// The help text of vam-apply, by hand. A test compares it with the options that
// exist.
#include "cli/help.hpp"

namespace vam {

const std::string_view kApplyHelpText =
    R"(Usage: vam-apply PLAN --move-to DIR | --trash | --hardlink | --reflink
                 [options]
       vam-apply --undo JOURNAL [options]

Sets redundant files aside, and puts them back. Without --yes it only tells
what it would do.

PLAN is a report of vam-analyze --json, or the choices that its page exports;
- is standard input. Of a report, sure copies go: those that are exact, or the
same image. Of choices, what was chosen for removal goes.

Each file and its keeper are looked at again just before: size, time and all
bytes. What changed, is a reference file, part of a set, or has companions or
hard links is refused, and so is the last copy of a picture. Nothing is
overwritten or followed through symbolic links, and every step is in a journal
before it is done.

What to do:
      --move-to DIR       Move files to this folder, which keeps their whole
                          paths. DIR is made if missing, must be on their file
                          system and in no source
      --trash             Move files to the trash of the desktop
      --hardlink          Make exact copies further names of their keepers
      --reflink           Let exact copies share the space of their keepers and
                          stay files of their own: on btrfs and XFS
      --undo JOURNAL      Take back what this journal says

How:
      --match LIST        Which files may go, separated by commas: out of
                          exact, same-image, similar (default:
                          exact,same-image; with choices all; with --hardlink
                          and --reflink exact)
  -y, --yes               Do it
      --journal FILE      Where to write the journal, a new file (default: one
                          in vam under $XDG_STATE_HOME, ~/.local/state)
      --strict            Exit with 3 if files were refused
  -q, --quiet             Only errors

  -h, --help              Print this text
      --version           Print the version

Exit codes:
    0  done
    1  failed; one line says what and why, the journal what was done
    2  wrong usage
    3  done, but some files were refused (only with --strict)
  130  interrupted after a file; the journal says what was done
)";

}  // namespace vam
