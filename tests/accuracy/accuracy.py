#!/usr/bin/python3
"""Scores vam-analyze on photos with ground truth; see docs/accuracy.md.

Prints Markdown: which share of the copies of every kind is found, by default
and by plain rules on the same hashes. Ends with 1 if a bar is missed. Needs
nothing but Python's standard library.
"""
import argparse
import collections
import itertools
import json
import os
import pathlib
import subprocess
import sys
import tempfile

BARS = {"precision": 0.9995, "recall": 0.995, "worst kind": 0.95,
        "lossless": 1.0, "sure": 0.97, "sure strangers": 0}
LOSSLESS = ("exact", "lossless", "orientation")
# Classes of copies that show the whole unedited picture.
WHOLE = LOSSLESS + ("reencode", "format", "resize")
HASHES = ("dhash", "ahash", "whash")
SURE = ("exact", "same-image")


class Truth:
    """What each file of the collection is."""

    def __init__(self, root):
        self.root = pathlib.Path(root).resolve()
        with open(self.root / "truth.json") as file:
            truth = json.load(file)
        self.original_of = {}  # by path; an original is its own
        self.kind_of = {}
        self.class_of = {None: "original"}  # by kind
        self.set_of = {}  # look-alikes that may be called similar
        for group in truth["groups"]:
            original = group["original"]
            self.original_of[original] = original
            self.kind_of[original] = None
            for copy in group["copies"]:
                self.original_of[copy["path"]] = original
                self.kind_of[copy["path"]] = copy["transform"]
                self.class_of[copy["transform"]] = copy["class"]
        for number, group in enumerate(truth.get("not_duplicates", [])):
            if group.get("acceptable_as_similar"):
                self.set_of.update((path, number) for path in group["paths"])
        # Each of these is another photograph.
        self.source_of = {
            entry.get("original") or entry["path"]: entry.get("source")
            for entry in truth["groups"] + truth.get("distractors", [])}
        for group in truth.get("not_duplicates", []):
            for path, source in zip(group["paths"], group.get("sources", [])):
                self.source_of[path] = source["photo"]

    def relative(self, path):
        return os.path.relpath(path, self.root)

    def is_copy(self, a, b):
        return a in self.original_of and \
            self.original_of[a] == self.original_of.get(b)

    def is_excused(self, a, b):
        return a in self.set_of and self.set_of[a] == self.set_of.get(b)

    def is_whole(self, path):
        kind = self.kind_of[path]
        return kind is None or self.class_of[kind] in WHOLE

    def kinds(self, unreadable):
        """How many copies there are of each kind."""
        return collections.Counter(
            kind for path, kind in self.kind_of.items()
            if kind is not None and path not in unreadable)


class Score:
    """Of pairs of files, each told once."""

    def __init__(self, truth, unreadable):
        self.truth = truth
        self.count = truth.kinds(unreadable)
        self.found = collections.Counter()
        self.true_pairs = 0
        self.false_pairs = 0
        self.sure_strangers = 0
        self.sure = collections.Counter()
        self.examples = []

    def add_pair(self, a, b, match="similar"):
        truth = self.truth
        if truth.is_copy(a, b):
            self.true_pairs += 1
            for copy, other in [(a, b), (b, a)]:
                if copy != other and truth.original_of[copy] == other:
                    self.found[truth.kind_of[copy]] += 1
        elif match != "similar" or not truth.is_excused(a, b):
            self.false_pairs += 1
            self.sure_strangers += match in SURE
            self.examples.append((match, a, b))

    def add_match(self, keeper, path, match):
        """How a file of a group matches the keeper."""
        if not self.truth.is_copy(keeper, path):
            self.sure_strangers += match in SURE
        elif self.truth.is_whole(keeper) and self.truth.is_whole(path):
            self.sure[match in SURE] += 1

    def add_report(self, report):
        for group in report["groups"]:
            files = [(self.truth.relative(file["path"]), file)
                     for file in group["files"]]
            for (a, _), (b, _) in itertools.combinations(sorted(
                    files, key=lambda entry: entry[0]), 2):
                self.add_pair(a, b, group["kind"])
            keeper = self.truth.relative(group["keep"])
            for path, file in files:
                if path != keeper:
                    self.add_match(keeper, path, file["match"])

    def recall_of(self, kind):
        return self.found[kind] / self.count[kind]

    def summary(self):
        pairs = self.true_pairs + self.false_pairs
        lossless = [self.recall_of(kind) for kind in self.count
                    if self.truth.class_of[kind] in LOSSLESS]
        return {
            "precision": self.true_pairs / pairs if pairs else 0.0,
            "recall": sum(self.found.values()) / sum(self.count.values()),
            "worst kind": min(map(self.recall_of, self.count)),
            "lossless": min(lossless, default=1.0),
            "sure": (self.sure[True] / sum(self.sure.values())
                     if self.sure else 0.0),
            "sure strangers": self.sure_strangers}


class Program:
    """vam-analyze, with a catalog of its own."""

    def __init__(self, path, catalog):
        self.command = [os.path.abspath(path), str(catalog), "--json", "-q",
                        "--detect-duplicates"]

    def report(self, *arguments):
        done = subprocess.run([*self.command, *map(str, arguments)],
                              stdout=subprocess.PIPE, check=True)
        return json.loads(done.stdout)


def unreadable_in(report, truth):
    """Files of formats that this build cannot read."""
    return {truth.relative(error["path"]) for error in report["errors"]
            if error["code"] == "unsupported"}


def score_rule(program, truth, unreadable, hashes, distance):
    """All of these hashes are within the distance."""
    score = Score(truth, unreadable)
    score.add_report(program.report(
        "--no-verify", "--hash-methods", ",".join(hashes),
        "--similarity-threshold", distance))
    return score


def score_any(program, truth, unreadable, distance):
    """One of the hashes is within the distance: pairs, not groups."""
    score = Score(truth, unreadable)
    report = program.report("--no-verify", "--hash-methods", "dhash",
                            "--similarity-threshold", 64)
    by_content = collections.defaultdict(list)
    for group in report["groups"]:
        for file in group["files"]:
            by_content[file["checksum"]].append(truth.relative(file["path"]))
    # All that have enough detail for hashes are in one group.
    comparable = max(report["groups"], key=lambda group: len(group["files"]))
    photos = [(truth.relative(file["path"]),
               *(int(file["hashes"][name], 16) for name in HASHES))
              for file in comparable["files"]]
    near = set()
    for (a, *a_hashes), (b, *b_hashes) in itertools.combinations(photos, 2):
        for x, y in zip(a_hashes, b_hashes):
            if (x ^ y).bit_count() <= distance:
                near.add((min(a, b), max(a, b)))
                break
    for paths in by_content.values():
        near.update(itertools.combinations(sorted(paths), 2))
    for a, b in near:
        score.add_pair(a, b)
    return score


def false_pairs(program_path, truths, camera):
    """Groups among photographs that are all different."""
    with tempfile.TemporaryDirectory() as folder:
        tree = pathlib.Path(folder) / "photos"
        source_of = {}
        for number, truth in enumerate(truths):
            for path, source in truth.source_of.items():
                link = tree / str(number) / path
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(truth.root / path)
                source_of[str(truth.root / path)] = source
        if camera:
            for photo in sorted(pathlib.Path(camera).glob("*.jpg")):
                link = tree / "camera" / photo.name
                link.parent.mkdir(exist_ok=True)
                link.symlink_to(photo.resolve())
                # The corpus has smaller copies of some of these.
                source_of[str(photo.resolve())] = photo.name.replace("_", "/", 1)
        report = Program(program_path, pathlib.Path(folder) / "catalog").report(
            "-s", tree, "--follow-links")
        pairs = []
        for group in report["groups"]:
            paths = [os.path.realpath(file["path"]) for file in group["files"]]
            for a, b in itertools.combinations(paths, 2):
                if source_of.get(a) is None or source_of[a] != source_of.get(b):
                    pairs.append((group["kind"], a, b))
        return len(source_of), pairs


def print_row(*cells):
    print("| " + " | ".join(cells) + " |")


def print_tables(truth, columns):
    first = next(iter(columns.values()))
    print_row("Kind of copy", "Copies", *columns)
    print("|---|" + "---|" * (1 + len(columns)))
    kinds = sorted(first.count, key=lambda kind: (truth.class_of[kind], kind))
    for kind in kinds:
        print_row("%s: %s" % (truth.class_of[kind], kind),
                  str(first.count[kind]),
                  *("%.3f" % score.recall_of(kind)
                    for score in columns.values()))
    print()
    print_row("All kinds", *columns)
    print("|---|" + "---|" * len(columns))
    for name in BARS:
        form = "%d" if name == "sure strangers" else (
            "%.5f" if name == "precision" else "%.4f")
        print_row(name, *(
            form % score.summary()[name]
            if not name.startswith("sure") or column == "default" else ""
            for column, score in columns.items()))
    print_row("false pairs", *(str(score.false_pairs)
                               for score in columns.values()))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", required=True, help="vam-analyze")
    parser.add_argument("--corpus", required=True,
                        help="folder with a truth.json")
    parser.add_argument("--camera", default="", help="folder of other photos")
    parser.add_argument("--only-default", action="store_true",
                        help="leave out the plain rules")
    options = parser.parse_args()
    if not os.path.exists(os.path.join(options.corpus, "truth.json")):
        sys.exit("accuracy.py: no truth.json in " + options.corpus)
    truth = Truth(options.corpus)
    with tempfile.TemporaryDirectory() as folder:
        program = Program(options.program, folder)
        report = program.report("-s", truth.root)
        unreadable = unreadable_in(report, truth)
        default = Score(truth, unreadable)
        default.add_report(report)
        columns = {"default": default}
        if not options.only_default:
            for distance in (5, 10):
                for name in HASHES:
                    columns["%s %d" % (name, distance)] = score_rule(
                        program, truth, unreadable, [name], distance)
            columns["dhash, ahash 5"] = score_rule(
                program, truth, unreadable, ["dhash", "ahash"], 5)
            columns["any 10"] = score_any(program, truth, unreadable, 10)
    print_tables(truth, columns)
    for example in default.examples[:20]:
        print("\nstrangers in one group: %s: %s, %s" % example)
    if unreadable:
        print("\nleft out, for this build cannot read them: %d files"
              % len(unreadable))

    count, pairs = false_pairs(options.program, [truth], options.camera)
    print("\n%d photographs without their copies: %d false pairs"
          % (count, len(pairs)))
    for match, a, b in pairs[:20]:
        print("  %s: %s, %s" % (match, os.path.basename(a),
                                os.path.basename(b)))

    missed = ["%s is %.5g, not %g" % (name, value, BARS[name])
              for name, value in default.summary().items()
              if (value > BARS[name] if name == "sure strangers"
                  else value < BARS[name])]
    if missed:
        sys.exit("\nMissed: " + "; ".join(missed))
    print("\nAll bars hold.")


if __name__ == "__main__":
    main()
