#!/usr/bin/python3
"""Counts how often the best version of a picture is kept.

keepers.py PROGRAM FOLDER prints Markdown: of the JPEGs below the folder,
without their metadata, how often vam-analyze would keep the right one of some
files of as many pixels that were made of each; by default, and without the
rule `generation`. Needs Pillow and jpegtran.
"""
import argparse
import collections
import io
import json
import pathlib
import subprocess
import sys
import tempfile

from PIL import Image, ImageDraw

LISTED = "resolution,metadata,format,size,companions,oldest"


def saved(image, **how):
    file = io.BytesIO()
    image.save(file, **({"format": "JPEG"} | how))
    return file.getvalue()


def opened(file):
    return Image.open(io.BytesIO(file)).convert("RGB")


def again(file, *qualities, **how):
    for quality in qualities:
        file = saved(opened(file), quality=quality, **how)
    return file


def as_png(file):
    return saved(opened(file), format="PNG", compress_level=1)


def better(file):
    """Saved anew, 5 better by IJG's quality, by luma's DC step."""
    with Image.open(io.BytesIO(file)) as image:
        step = image.quantization[0][0]
    scales = ((q, 200 - 2 * q if q >= 50 else 5000 // q)
              for q in range(100, 0, -1))
    quality = next(q for q, scale in scales if (16 * scale + 50) // 100 >= step)
    return again(file, min(quality + 5, 100))


def turned(file):
    pixels = opened(file).transpose(Image.Transpose.ROTATE_90)
    return saved(pixels, quality=95)


def stamped(file):
    pixels = opened(file)
    ImageDraw.Draw(pixels).text((pixels.width // 3, pixels.height // 2),
                                "(c) PHOTO", fill="white")
    return saved(pixels, quality=95)


def drawing(file):
    """Flat areas of the picture's colours."""
    pixels = opened(file)
    small = pixels.resize((max(pixels.width // 37, 1),
                           max(pixels.height // 29, 1)))
    return saved(small.resize(pixels.size, Image.Resampling.NEAREST),
                 format="PNG")


# By name: of a JPEG the files, the one to be kept first.
FAMILIES = {
    "JPEG 5 better by quality": lambda a: [a, better(a)],
    "JPEG of quality 95": lambda a: [a, again(a, 95)],
    "JPEG of quality 98, 4:4:4": lambda a: [a, again(a, 98, subsampling=0)],
    "progressive JPEG of quality 95":
        lambda a: [a, again(a, 95, progressive=True)],
    "JPEG of quality 95, turned by a quarter": lambda a: [a, turned(a)],
    "JPEG of quality 95 with a text": lambda a: [a, stamped(a)],
    "PNG": lambda a: [a, as_png(a)],
    "TIFF": lambda a: [a, saved(opened(a), format="TIFF")],
    "PNG, JPEG saved at 88 and then at 95":
        lambda a: [a, as_png(a), again(a, 88, 95)],
    "saved at 75, 85 and 95, the first":
        lambda a: [again(a, 75), again(a, 75, 85), again(a, 75, 85, 95)],
    "lost; PNG beside JPEG of quality 95":
        lambda a: [as_png(a), again(a, 95)],
    "lost; JPEG of quality 98 beside 95":
        lambda a: [again(a, 98), again(a, 95)],
    "drawing as PNG beside JPEG of quality 95":
        lambda a: [drawing(a), again(drawing(a), 95)],
    "drawing as JPEG of quality 98 beside 87":
        lambda a: [again(drawing(a), 98), again(drawing(a), 98, 87)],
}


def write_families(photos, family, folder):
    for number, photo in enumerate(photos):
        bare = subprocess.run(["jpegtran", "-copy", "none", photo],
                              stdout=subprocess.PIPE, check=True).stdout
        for place, file in enumerate(family(bare)):
            path = folder / str(number) / f"{place}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file)


def kept(program, folder, *rules):
    """How many groups keep which file."""
    report = json.loads(subprocess.run(
        [program, folder / "catalog", "-s", folder / "photos", "--json",
         "--detect-duplicates", *rules], stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, check=True).stdout)
    return collections.Counter(pathlib.Path(group["keep"]).name
                               for group in report["groups"])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("folder", type=pathlib.Path)
    arguments = parser.parse_args()
    photos = sorted(arguments.folder.rglob("*.jpg"))
    print("| Beside the original | Groups | Right one kept "
          "| without `generation` |\n|---|---|---|---|")
    for name, family in FAMILIES.items():
        with tempfile.TemporaryDirectory() as temporary:
            folder = pathlib.Path(temporary)
            write_families(photos, family, folder / "photos")
            files = kept(arguments.program, folder)
            before = kept(arguments.program, folder, "--keep", LISTED)
        print(f"| {name} | {sum(files.values())} | {files['0']} "
              f"| {before['0']} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
