"""Cuts Source Sans 3 down to the letters of our documents and renames it, as its licence asks: `subset.py PACKAGE`."""

import pathlib
import subprocess
import sys

from fontTools.ttLib import TTFont

LETTERS = (
    "U+0020-007E,U+00A0-024F,U+02C6-02DD,U+0300-0304,U+0306-030C,U+0327,U+0328,U+0370-03FF,U+0400-045F,U+0490,U+0491,"
    "U+1E00-1EFF,U+2000-200F,U+2010-2027,U+202F,U+2030,U+2032,U+2033,U+2039,U+203A,U+2044,U+2060,U+20A0-20BF,U+2116,"
    "U+2122,U+2190-2193,U+2212,U+2248,U+2260,U+2264,U+2265,U+FB01,U+FB02,U+FEFF"
)
FEATURES = "kern,liga,tnum,lnum,ccmp,locl,mark,mkmk"

here = pathlib.Path(__file__).parent
for weight in ("Regular", "Semibold"):
    source = pathlib.Path(sys.argv[1]) / "OTF" / f"SourceSans3-{weight}.otf"
    target = here / f"LetterSans-{weight}.otf"
    subprocess.check_call([
        "pyftsubset", source, f"--unicodes={LETTERS}", f"--layout-features={FEATURES}", "--no-hinting",
        "--notdef-outline", "--name-IDs=0,1,2,3,4,5,6,11,13,14,16,17", f"--output-file={target}",
    ])
    font = TTFont(target)
    for record in font["name"].names:
        if record.nameID in (1, 3, 4, 6, 16):
            text = record.toUnicode()
            record.string = text.replace("SourceSans3", "LetterSans").replace("Source Sans 3", "Letter Sans")
    outlines = font["CFF "].cff
    outlines.fontNames = [f"LetterSans-{weight}"]
    outlines.topDictIndex[0].FullName = f"Letter Sans {weight}"
    outlines.topDictIndex[0].FamilyName = "Letter Sans"
    font.save(target)
