#!/usr/bin/python3
"""Measures vam-analyze and prints Markdown tables; see docs/benchmarks.md.

Needs nothing but Python's standard library. What is compared is measured in
turns within one round, so that a busy machine slows both; the ratios of the
rounds say more than the seconds.
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

MEGABYTE = 1_000_000
WORKERS = [1, 2]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", required=True, help="vam-analyze")
    parser.add_argument("--tools", required=True,
                        help="folder of bare_decode, make_photos, "
                        "search_pairs, fill_catalog")
    parser.add_argument("--camera", default="",
                        help="folder of camera JPEGs; made up if missing")
    parser.add_argument("--quick", action="store_true",
                        help="smaller trees, fewer rounds")
    parser.add_argument("--rounds", type=int, help="default 7, quick 3")
    parser.add_argument("--only", choices=["photos", "search", "runs"],
                        help="hash stage and memory; search; whole runs over "
                        "unchanged and large collections; default: all")
    parser.add_argument("--large", type=int, metavar="COUNT",
                        help="files of the largest made-up collection; default "
                        "100,000, quick 10,000; a million takes an hour")
    options = parser.parse_args()
    options.rounds = options.rounds or (3 if options.quick else 7)
    options.large = options.large or (10_000 if options.quick else 100_000)
    return options


def peak_of(process):
    """Waits for a process; returns the most memory it held, in bytes.

    Reads VmHWM now and then: what wait4() tells contains what this program
    held before the other one was loaded.
    """
    peak = 0
    while process.poll() is None:
        with open("/proc/%d/status" % process.pid) as file:
            for line in file:
                if line.startswith("VmHWM:"):
                    peak = int(line.split()[1]) * 1024
        time.sleep(0.01)
    return peak


class Tools:
    """Runs the programs under test."""

    def __init__(self, program, folder):
        self.program = os.path.abspath(program)
        self.folder = os.path.abspath(folder)

    def _run(self, name, *arguments, text=None):
        command = [os.path.join(self.folder, name), *map(str, arguments)]
        done = subprocess.run(command, input=text, text=True, check=True,
                              stdout=subprocess.PIPE)
        return json.loads(done.stdout) if done.stdout else None

    def bare_decode(self, paths, threads, decoder="libjpeg"):
        return self._run("bare_decode", threads, decoder,
                         text="\n".join(paths) + "\n")

    def make_photos(self, folder, count, width, height):
        folder.mkdir()
        self._run("make_photos", folder, count, width, height)

    def fill_catalog(self, catalog, tree, count):
        self._run("fill_catalog", catalog, tree, count)

    def search_pairs(self, *arguments):
        return self._run("search_pairs", *arguments)

    def analyze(self, catalog, tree, *arguments):
        """The stats of the report, and the peak of memory seen from outside."""
        with tempfile.TemporaryFile() as output:
            begin = time.monotonic()
            process = subprocess.Popen(
                [self.program, catalog, "-s", tree, "--json", "-q", *arguments],
                stdout=output)
            peak = peak_of(process)
            seconds = time.monotonic() - begin
            if process.returncode != 0:
                sys.exit("bench.py: vam-analyze failed")
            output.seek(0)
            stats = json.load(output)["stats"]
        stats["peak_bytes"] = peak
        stats["seconds"] = seconds
        if stats["files_failed"] != 0:
            sys.exit("bench.py: vam-analyze could not read every picture")
        return stats

    def analyze_anew(self, scratch, tree, *arguments):
        catalog = scratch / "catalog"
        shutil.rmtree(catalog, ignore_errors=True)
        return self.analyze(catalog, tree, *arguments)


def copy_camera(camera, tree, copies):
    """Bytes behind the end marker change the digest and nothing else."""
    tree.mkdir()
    for photo in sorted(camera.glob("*.jpg")):
        content = photo.read_bytes()
        for n in range(copies):
            copy = tree / ("%s-%03d.jpg" % (photo.stem, n))
            copy.write_bytes(content + b"%08d" % n)


def make_small_tree(tools, tree, count):
    """A tenth of the pictures are there twice, in files that differ."""
    tools.make_photos(tree, count - count // 10, 640, 480)
    for photo in sorted(tree.glob("*.jpg"))[:count // 10]:
        copy = tree / (photo.stem + "-copy.jpg")
        copy.write_bytes(photo.read_bytes() + b"copy")


def make_photo_tree(tools, options, tree):
    """Returns what the photos are."""
    camera = pathlib.Path(options.camera)
    if options.camera and any(camera.glob("*.jpg")):
        copy_camera(camera, tree, 2 if options.quick else 10)
        return "camera photos"
    tools.make_photos(tree, 24 if options.quick else 120, 4000, 3000)
    return "made-up 12-megapixel photos"


def paths_in(tree):
    return sorted(str(path) for path in tree.iterdir())


def warm_cache(paths):
    for path in paths:
        pathlib.Path(path).read_bytes()


def print_table(title, head, rows):
    print("\n### %s\n" % title)
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    sys.stdout.flush()


def spread(values, form="%.2f"):
    """Median, and in brackets the lowest and highest value."""
    return (form + " (" + form + " to " + form + ")") % (
        statistics.median(values), min(values), max(values))


def measure_hashing(tools, options, scratch, tree, title):
    paths = paths_in(tree)
    warm_cache(paths)
    bare = {n: [] for n in WORKERS}
    decoder = {n: [] for n in WORKERS}
    hashing = {n: [] for n in WORKERS}
    for _ in range(options.rounds):
        for n in WORKERS:
            bare[n].append(tools.bare_decode(paths, n)["seconds"])
            decoder[n].append(tools.bare_decode(paths, n, "vam")["seconds"])
            stats = tools.analyze_anew(scratch, tree, "-w", str(n))
            hashing[n].append(stats["timings"]["hash_seconds"])
    size = sum(os.path.getsize(path) for path in paths)

    def row(name, seconds, ratio):
        best = statistics.median(seconds)
        return [name, "%.2f" % best, "%.0f" % (len(paths) / best),
                "%.0f" % (size / best / MEGABYTE), ratio]

    rows = []
    for n in WORKERS:
        workers = "%d worker%s" % (n, "" if n == 1 else "s")
        rows.append(row("bare decode, " + workers, bare[n], "1"))
        for name, seconds in [("decoder alone", decoder[n]),
                              ("hash stage", hashing[n])]:
            ratios = [s / b for s, b in zip(seconds, bare[n])]
            rows.append(row(name + ", " + workers, seconds, spread(ratios)))
    print_table("%s: %d files, %.0f MB" % (title, len(paths), size / MEGABYTE),
                ["", "Seconds", "Pictures/s", "MB/s", "Time / bare decode"],
                rows)
    for name, seconds in [("bare decode", bare), ("hash stage", hashing)]:
        print("\nTwo workers against one, %s: %s times as fast" % (
            name, spread([a / b for a, b in zip(seconds[1], seconds[2])])))


def measure_memory(tools, scratch, trees):
    rows = []
    for tree in trees:
        warm_cache(paths_in(tree))
        first = tools.analyze_anew(scratch, tree, "--detect-duplicates")
        again = tools.analyze(scratch / "catalog", tree, "--detect-duplicates")
        for name, stats in [("first", first), ("unchanged", again)]:
            timings = stats["timings"]
            # The first may miss the last moments, the second the report.
            peak = max(stats["peak_bytes"], timings["peak_memory_bytes"])
            rows.append([
                "{:,}".format(stats["files_seen"]), name,
                "{:,}".format(stats["files_hashed"]),
                "%.2f" % timings["total_seconds"],
                "%.2f" % timings["search_seconds"],
                "%.1f" % (peak / 2**20)])
    print_table("Small pictures with `--detect-duplicates`",
                ["Pictures", "Run", "Read", "Seconds", "of these search",
                 "Peak MiB"], rows)


def make_leaf_folders(tools, tree, count):
    """Tiny pictures, no two alike, 250 to a folder."""
    tools.make_photos(tree, count, 96, 72)
    for n, photo in enumerate(paths_in(tree)):
        folder = tree / ("%04d" % (n // 250))
        folder.mkdir(exist_ok=True)
        os.rename(photo, folder / os.path.basename(photo))


def seconds_of_find(tree):
    begin = time.monotonic()
    subprocess.run(["find", tree, "-printf", "%s %T@\n"], check=True,
                   stdout=subprocess.DEVNULL)
    return time.monotonic() - begin


def measure_unchanged(tools, options, scratch):
    """The second run beside a program that does nothing but look."""
    count = 10_000 if options.quick else 100_000
    tree = scratch / "unchanged"
    make_leaf_folders(tools, tree, count)
    tools.analyze_anew(scratch, tree)
    finds = []
    runs = []
    for _ in range(options.rounds):
        finds.append(seconds_of_find(tree))
        runs.append(tools.analyze(scratch / "catalog", tree))
    if any(run["files_unchanged"] != count for run in runs):
        sys.exit("bench.py: a file has changed")
    rows = [["find", spread(finds), "", ""],
            ["vam-analyze", spread([run["seconds"] for run in runs]),
             spread([(run["seconds"] - 0.5) / find
                     for run, find in zip(runs, finds)]),
             "%.1f" % (max(run["peak_bytes"] for run in runs) / 2**20)]]
    print_table("Unchanged tree: {:,} files".format(count),
                ["", "Seconds", "(Seconds - 0.5) / find", "Peak MiB"], rows)
    shutil.rmtree(tree)


def measure_large(tools, options, scratch):
    """A catalog of pictures that nobody took, from the scan to the report."""
    rows = []
    for count in sorted({10_000, options.large}):
        catalog = scratch / "large-catalog"
        tree = scratch / "large"
        tools.fill_catalog(catalog, tree, count)
        run = tools.analyze(catalog, tree, "--detect-duplicates")
        timings = run["timings"]
        stages = {stage["name"]: stage for stage in timings["stages"]}
        rows.append(
            ["{:,}".format(count), "{:,}".format(run["group_count"])] +
            ["%.2f" % stages[name]["seconds"]
             for name in ["scan", "hash", "search", "verify"]] +
            ["%.2f" % (run["seconds"] - timings["total_seconds"]),
             "%.0f" % (stages["hash"]["peak_memory_bytes"] / 2**20),
             "%.0f" % (run["peak_bytes"] / 2**20)])
        shutil.rmtree(catalog)
        shutil.rmtree(tree)
    print_table("Made-up collections, seconds",
                ["Files", "Groups", "Scan and load", "Compare files", "Search",
                 "Verify", "Report and exit", "Peak MiB, loaded", "Peak MiB"],
                rows)


def measure_search(tools, options):
    """Every index in turn; the flat one only where it ends in time."""
    sizes = [10_000] if options.quick else [10_000, 100_000, 1_000_000]
    rows = []
    for count in sizes:
        for spread in ["uniform", "skewed"]:
            for radius in [5, 14]:
                rows += search_rows(tools, count, spread, radius)
    if not options.quick:
        for spread in ["uniform", "skewed"]:
            rows += search_rows(tools, 10_000_000, spread, 5, ["bands"])
    print_table("Search, %d threads" % WORKERS[-1],
                ["Distinct hashes", "Spread", "Bits", "Index", "Pairs found",
                 "Seconds", "Flat / this", "Peak MiB"], rows)


def search_rows(tools, count, spread, radius, indexes=None):
    if indexes is None:
        indexes = ["flat", "scan", "bands"] if count <= 100_000 else [
            "scan", "bands" if radius < 10 else "auto"]
    scans = ["AVX2", "portable code"] if count <= 100_000 else []
    runs = [(index, []) for index in indexes]
    runs += [("scan", [name]) for name in scans if name in instructions()]
    rounds = 1 if "flat" in indexes and count > 10_000 else 3
    flat = None
    found = None
    rows = []
    for index, extra in runs:
        # Flat once where it takes seconds; the others, which may be disturbed,
        # three times.
        results = [tools.search_pairs(index, spread, count, radius,
                                      WORKERS[-1], *extra)
                   for _ in range(rounds if index == "flat" else 3)]
        pairs = {(run["pairs"], run["checksum"]) for run in results}
        found = found or pairs
        if pairs != found:
            sys.exit("bench.py: %s does not find the same pairs" % index)
        seconds = statistics.median(run["seconds"] for run in results)
        if index == "flat":
            flat = seconds
        rows.append(["{:,}".format(count), spread, str(radius),
                     " ".join([index, *extra]),
                     "{:,}".format(results[0]["pairs"]), "%.3f" % seconds,
                     "%.0f" % (flat / seconds) if flat else "",
                     "%.0f" % (max(run["peak_bytes"] for run in results)
                               / 2**20)])
    return rows


def instructions():
    """Those that scans of this machine can be told to use."""
    with open("/proc/cpuinfo") as file:
        flags = next((line for line in file if line.startswith("flags")), "")
    return ["AVX2", "portable code"] if " avx2 " in flags else ["portable code"]


def machine():
    with open("/proc/cpuinfo") as file:
        models = [line.split(":")[1].strip() for line in file
                  if line.startswith("model name")]
    return "%s, %d cores" % (models[0] if models else "unknown processor",
                             len(os.sched_getaffinity(0)))


def measure_photos(tools, options, scratch):
    photos = scratch / "photos"
    title = make_photo_tree(tools, options, photos)
    measure_hashing(tools, options, scratch, photos,
                    title[0].upper() + title[1:])
    trees = []
    for count in [200, 1000] if options.quick else [1000, 10_000]:
        trees.append(scratch / ("small-%d" % count))
        make_small_tree(tools, trees[-1], count)
    measure_hashing(tools, options, scratch, trees[0],
                    "Small pictures, 640x480")
    measure_memory(tools, scratch, trees)


def main():
    options = parse_arguments()
    tools = Tools(options.program, options.tools)
    print("Machine: %s; load before: %.1f; rounds: %d"
          % (machine(), os.getloadavg()[0], options.rounds))
    with tempfile.TemporaryDirectory(prefix="vam-bench-") as folder:
        scratch = pathlib.Path(folder)
        if options.only in (None, "photos"):
            measure_photos(tools, options, scratch)
        if options.only in (None, "runs"):
            measure_unchanged(tools, options, scratch)
            measure_large(tools, options, scratch)
        if options.only in (None, "search"):
            measure_search(tools, options)
    print("\nLoad after: %.1f" % os.getloadavg()[0])


if __name__ == "__main__":
    main()
