"""Makes pictures small: `reduce.py FROM TO`. Pages have few colours, so a palette shows them as they are."""

import pathlib
import sys

from PIL import Image

LIMIT_BYTES = 13_000_000
COLOURS, AREAS = 64, 12

source, target = map(pathlib.Path, sys.argv[1:])
for old in target.glob("*.png"):
    old.unlink()
size = 0
for file in sorted(source.glob("*.png")):
    picture = Image.open(file).convert("RGB")
    # Large areas keep their very colour, this method keeps colours that are rare, such as those of a state.
    areas = sorted(picture.getcolors(picture.width * picture.height), reverse=True)[:AREAS]
    rare = picture.quantize(COLOURS - AREAS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for _, colour in areas for part in colour] + rare.getpalette()[: 3 * (COLOURS - AREAS)])
    picture = picture.quantize(palette=palette, dither=Image.Dither.NONE)
    picture.save(target / file.name, optimize=True)
    size += (target / file.name).stat().st_size
if size > LIMIT_BYTES:
    sys.exit(f"the pictures take {size} B, more than {LIMIT_BYTES}")
