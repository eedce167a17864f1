#!/usr/bin/python3
"""Prints the golden values of tests/unit/hash_test.cpp and image_test.cpp.

Needs Debian's python3-pil, python3-numpy and python3-pywt. Follows the
definitions of the Python library imagehash (average_hash, dhash and whash with
their defaults); where that library is installed, its values are compared.

Where coefficients of a wHash equal their median, rounding noise of the
floating-point wavelets decides in imagehash and nothing does here: such
pictures are left out.
"""
import numpy
import pywt
from PIL import Image

PATTERNS = {
    "waves": lambda x, y: (x * x * 3 + y * y * 5 + x * y * 7) // 64 % 256,
    "steps": lambda x, y: (x // 16 * 37 + y // 16 * 91) % 256,
    "dots": lambda x, y: (x * 7919 + y * 104729 + x * y * 13) % 251,
    "slope": lambda x, y: (x * 2 + y) % 256,
}
SIZES = [(64, 64), (200, 150), (97, 131), (512, 300), (5, 7), (1, 1), (9, 8)]


def picture(pattern, width, height):
    pixels = [[pattern(x, y) for x in range(width)] for y in range(height)]
    return Image.fromarray(numpy.array(pixels, dtype=numpy.uint8))


def hexadecimal(bits):
    return "%016x" % int("".join("01"[int(b)] for b in bits.flatten()), 2)


def dhash(image):
    cells = numpy.asarray(image.resize((9, 8), Image.LANCZOS)).astype(int)
    return hexadecimal(cells[:, 1:] > cells[:, :-1])


def ahash(image):
    cells = numpy.asarray(image.resize((8, 8), Image.LANCZOS))
    return hexadecimal(cells > cells.mean())


def whash_coefficients(image):
    """What imagehash compares with its median, rounding noise and all."""
    scale = max(8, 2 ** int(numpy.log2(min(image.size))))
    square = numpy.asarray(image.resize((scale, scale), Image.LANCZOS)) / 255.0
    levels = int(numpy.log2(scale))
    bands = pywt.wavedec2(square, "haar", level=levels)
    bands[0] *= 0
    square = pywt.waverec2(bands, "haar")
    return pywt.wavedec2(square, "haar", level=levels - 3)[0]


def whash(image):
    """None where rounding noise decides."""
    low = whash_coefficients(image)
    exact = low.round(9)
    if numpy.any((exact > numpy.median(exact)) != (low > numpy.median(low))):
        return None
    return hexadecimal(low > numpy.median(low))


def main():
    try:
        import imagehash
    except ImportError:
        imagehash = None
    for name, pattern in PATTERNS.items():
        for width, height in SIZES:
            image = picture(pattern, width, height)
            values = dhash(image), ahash(image), whash(image)
            if None in values:
                continue
            if imagehash:
                assert values == tuple(str(f(image)) for f in (
                    imagehash.dhash, imagehash.average_hash, imagehash.whash))
            print('{%s, %d, %d, {0x%s, 0x%s, 0x%s}},'
                  % (name, width, height, *values))
    for width, height in [(9, 8), (40, 3)]:
        image = picture(PATTERNS["dots"], 23, 17)
        resized = numpy.asarray(image.resize((width, height), Image.LANCZOS))
        print("dots 23x17 to %dx%d:" % (width, height),
              ", ".join(map(str, resized.flatten())))


if __name__ == "__main__":
    main()
