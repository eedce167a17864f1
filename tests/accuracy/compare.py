#!/usr/bin/python3
"""Compares vam-analyze with other finders; see docs/comparison.md.

Prints a Markdown table: what each finds of photos whose copies are known, and
how long it takes there and on other folders. The others are what Debian has:
findimagedupes, and the few lines of Python that people write with imagehash's
dHash (dhash_pairs.py, which needs python3-pil and python3-numpy).
"""
import argparse
import itertools
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from accuracy import Score, Truth, unreadable_in

HERE = pathlib.Path(__file__).parent
# One NUL behind every path, another behind every group.
PRINT_GROUPS = r'''VIEW() { printf '%s\0' "$@"; printf '\0'; }'''


def pairs_of(groups):
    for group in groups:
        yield from itertools.combinations(sorted(group), 2)


def vam_analyze(program):
    def command(folder, scratch):
        return [program, scratch / "catalog", "-s", folder, "--json", "-q",
                "--detect-duplicates"]

    return "vam-analyze", command, json.loads


def findimagedupes(threshold):
    def command(folder, _):
        return ["findimagedupes", "-q", "-R", "-t", "%d%%" % threshold,
                "-i", PRINT_GROUPS, folder]

    def pairs(output):
        return pairs_of(group.split("\0")[:-1]
                        for group in output.decode().split("\0\0"))

    return "findimagedupes -t %d%%" % threshold, command, pairs


def python_dhash(distance):
    def command(folder, _):
        return [sys.executable, HERE / "dhash_pairs.py", folder, distance]

    def pairs(output):
        return map(tuple, json.loads(output))

    return "Python, dHash %d" % distance, command, pairs


def run(finder, folder):
    """What it printed, and the seconds on the wall and of all processors."""
    _, command, _ = finder
    with tempfile.TemporaryDirectory() as scratch, \
            tempfile.TemporaryFile() as output:
        arguments = command(pathlib.Path(folder), pathlib.Path(scratch))
        before, start = os.times(), time.monotonic()
        subprocess.run(list(map(str, arguments)), stdout=output,
                       stderr=subprocess.DEVNULL, check=True)
        wall, after = time.monotonic() - start, os.times()
        output.seek(0)
        return (output.read(), wall,
                after.children_user - before.children_user
                + after.children_system - before.children_system)


def measure(finders, folder, rounds):
    """Per finder the last output, and the medians of the seconds.

    In turns, so that a busy machine slows all of them.
    """
    results = [[] for _ in finders]
    for _ in range(rounds):
        for finder, result in zip(finders, results):
            result.append(run(finder, folder))
    return [(result[-1][0], *(statistics.median(column)
                              for column in list(zip(*result))[1:]))
            for result in results]


def score(truth, unreadable, pairs):
    result = Score(truth, unreadable)
    if isinstance(pairs, dict):
        result.add_report(pairs)
    else:
        for a, b in pairs:
            result.add_pair(*sorted(map(truth.relative, (a, b))))
    return result


def print_row(*cells):
    print("| " + " | ".join(cells) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", required=True, help="vam-analyze")
    parser.add_argument("--corpus", required=True,
                        help="folder with a truth.json")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("folders", nargs="*", help="only timed")
    options = parser.parse_args()
    ours = vam_analyze(os.path.abspath(options.program))
    finders = [ours, findimagedupes(90), findimagedupes(95), python_dhash(4),
               python_dhash(10)]
    truth = Truth(options.corpus)

    results = measure(finders, truth.root, options.rounds)
    unreadable = unreadable_in(json.loads(results[0][0]), truth)
    print_row("Finder", "Copies found", "Precision", "False pairs",
              "Seconds", "CPU seconds")
    print("|---|---|---|---|---|---|")
    for (name, _, read), (output, wall, cpu) in zip(finders, results):
        found = score(truth, unreadable, read(output))
        print_row(name, "%.3f" % found.summary()["recall"],
                  "%.5f" % found.summary()["precision"],
                  str(found.false_pairs), "%.1f" % wall, "%.1f" % cpu)

    for folder in options.folders:
        print("\n%s:\n" % os.path.basename(os.path.normpath(folder)))
        print_row("Finder", "Seconds", "CPU seconds")
        print("|---|---|---|")
        for finder, (_, wall, cpu) in zip(
                finders, measure(finders, folder, options.rounds)):
            print_row(finder[0], "%.1f" % wall, "%.1f" % cpu)


if __name__ == "__main__":
    main()
