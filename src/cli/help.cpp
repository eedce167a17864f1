// The help text, by hand: what the options mean is more than a table of them.
// A test compares it with the options that exist.
#include "cli/help.hpp"

namespace vam {

const std::string_view kHelpText =
    R"(Usage: vam-analyze CATALOG -s SOURCE... [options]
       vam-analyze CATALOG [options]
       vam-analyze SOURCE... [options]
       vam-analyze [CATALOG] --explain A B
       vam-analyze [CATALOG] --like PHOTO...
       vam-analyze [CATALOG] --export-hashes FILE

Finds duplicate photos. Photos are only read, never changed, moved or deleted.
What is learned about them is kept in a catalog, so that the next run reads
only new and changed files.

  CATALOG -s SOURCE...  Scan these folders. CATALOG is a folder and is
                        made if missing; without it, the default catalog.
                        Or it is a PostgreSQL database, given as
                        postgresql://..., and runs on it share the work.
  CATALOG               Scan the sources again that this catalog knows.
  SOURCE...             The quick form: scan these folders, keep the
                        default catalog, report duplicates.

The default catalog is "vam" under $XDG_DATA_HOME (~/.local/share). Behind --
every argument is a path, whatever it begins with.

What to look at:
  -s, --source SOURCE     Scan this folder; may be repeated. NAME=SOURCE gives
                          it a name in a PostgreSQL catalog, whose other
                          machines may have it elsewhere
      --include GLOB      Only files that match; may be repeated
      --exclude GLOB      No files or folders that match; may be repeated; wins
                          over --include. A glob without / is compared with
                          names, one with / with the path below the source
      --min-size SIZE     Only files of at least this size (default: 0)
      --max-size SIZE     Only files of at most this size (default: any)
      --hidden            Hidden files and folders, too
  -L, --follow-links      Follow symbolic links
  -x, --one-file-system   Do not enter other file systems

What counts as a duplicate:
      --detect-duplicates
                          Look for duplicates, not just for new files
      --similarity-threshold N
                          How far the hashes of pictures that are worth a
                          closer look may be apart: 0 (equal) to 64 bits
                          (default: 12; with --no-verify 5)
      --hash-methods LIST
                          Hashes to compare, separated by commas: out of dhash,
                          ahash, whash. The first of them, in this order, must
                          be near, and one of the others (default: all); with
                          --no-verify all of them (default: dhash,ahash)
      --transforms WHICH  Turned copies: none, mirror or all, which are quarter
                          turns, too (default: all)
      --no-verify         Let the hashes alone decide
      --bursts WHAT       Frames that one camera took within seconds: report
                          (as sets that are no duplicates), ignore or as-similar
                          (default: report)
      --mark-different A B
                          Remember in the catalog that these two photos show
                          different pictures, whatever they look like; may be
                          repeated
      --unmark-different A B
                          Take that back; may be repeated
      --ignore-pairs FILE
                          Mark as different the two paths on each line of
                          FILE, separated by a tab, or NUL-terminated paths by
                          twos

What to keep:
      --keep LIST         What makes the file of a group that is to be kept,
                          most important first, separated by commas: out of
                          resolution, metadata, generation, companions,
                          format, size, oldest, newest, path:GLOB, reference
                          (default: resolution,metadata,generation,format,
                          size,companions,oldest).
                          A glob with / is compared with the absolute path,
                          one without with the name; \, is a comma in it
      --reference DIR     Keep all files below this folder, and look for copies
                          of them; may be repeated. One of them is the keeper,
                          unless --keep has reference at another place
      --reference-only    Only groups with a file below such a folder

Questions about single photos, which need not be in the catalog:
      --explain A B       Why are these two in one group, or why not? Hashes,
                          alignment and verdict
      --like PHOTO...     What in the catalog is the same picture? Best first.
                          Takes all arguments up to the next option

What to report, and how:
  -f, --format FORMAT     text, json, jsonl, csv or fdupes: sure copies for
                          scripts that read fdupes (default: text)
      --json              The same as --format json
  -0, --print0            Only the paths of sure copies, without the files to
                          keep and without similar ones, each ended by NUL
      --show-discarded    List the matches that no group holds, too: their two
                          photos belong to different keepers
      --stats             Tell what each stage took, and what the run waited
                          for. JSON always does; csv, fdupes and -0 never
  -o, --output FILE       Write the report to FILE (default: standard output)
      --html DIR          Make a page to look at, too: DIR/index.html with a
                          thumbnail of each picture in a group. DIR is new,
                          empty or such a page, and in no source
      --progress WHEN     Show progress: auto, always or never (default: auto,
                          if standard error is a terminal)
  -q, --quiet             Only errors
  -v, --verbose           Say what was chosen and why, and how long each file
                          took that was read; twice: on what
      --log-file FILE     Write messages to FILE, too
      --new-only          Only groups and problems that no report with this
                          option has told. If there are none, print nothing
      --exit-code         Exit with 11 if there are duplicates
      --strict            Exit with 3 if files could not be read

The catalog:
      --recompute-hashes  Read unchanged files again
      --verify-digests    Read unchanged files again, and tell of those whose
                          bytes are no longer the same (bit rot)
      --prune             Forget files and sources that are gone
      --clear             Forget everything first
      --repair            Save what can be read of a damaged catalog
      --export-hashes FILE
                          Write the hashes in the catalog to FILE, a table in
                          CSV, and to FILE.dhash, FILE.ahash and FILE.whash,
                          8 bytes each; nothing is scanned
      --wait SECONDS      How long to wait for another run on this catalog;
                          without it, until that ends
      --lease SECONDS     In a PostgreSQL catalog: how long a run may be silent
                          before others take over its work (default: 60)

Resources; all are chosen by what the machine offers and what there is to do:
      --index INDEX       How to search: auto, flat, scan or bands, which all
                          find the same (default: auto)
  -w, --workers N         Threads, at most 1024; 0 for as many as this process
                          may use CPUs (default: 0)
  -t, --threads N         The same as --workers
      --memory-limit SIZE
                          Memory for files in work; 0 for half of what is
                          free, at least 64M (default: 0)
      --max-pixels N      Do not decode pictures of more pixels; M stands for
                          millions (default: 536870912)
      --file-timeout SECONDS
                          Give up a file that takes a CPU longer than this to
                          decode; 0 for never (default: 30)
      --low-priority      Let others have CPUs and disks first

  -h, --help              Print this text
      --version           Print the version

SIZE is in bytes, or has a suffix: K, M, G or T (KB and KiB are the same), in
powers of 1024.

Exit codes:
    0  done, with or without duplicates
    1  failed; one line says what and why
    2  wrong usage
    3  done, but some files could not be read (only with --strict)
   11  done, and duplicates were found (only with --exit-code)
  130  interrupted; what was finished is in the catalog
)";

}  // namespace vam
