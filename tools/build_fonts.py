"""Cut Noto Sans down to noto-sans-400.woff2 and noto-sans-700.woff2, which the site and the PDF share.

The package carries one variable font with 4,500 glyphs; we set Latin and Cyrillic text in two weights. Made
at set-up instead of committed, so that the repository holds no binary and the files follow the package's
version. The same inputs give the same bytes.

Noto Sans has no arrows and no triangles, and a bare machine has no other font to borrow them from: the six
signs that our pages and reports use are drawn here, as thick as the font's own minus and on its height.

Use: python tools/build_fonts.py FOLDER
"""

import sys
from pathlib import Path

import fontpkg
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

WEIGHTS = (400, 700)
LETTERS = [
    *range(0x20, 0x7F),  # Latin
    *range(0xA0, 0x180),  # Latin-1 and Extended-A: names from abroad
    *range(0x300, 0x30D),  # combining accents: text is kept in NFC, but not every letter has a composed form
    *range(0x400, 0x460),  # Cyrillic
    *range(0x4AE, 0x4B0),  # Ү ү
    *range(0x4E8, 0x4EA),  # Ө ө
    *range(0x2009, 0x2016),  # thin space, hyphens, dashes
    *range(0x2018, 0x201F),  # quotation marks
    *map(ord, "•…‰′″‹›€₮№™−\u2060\u202f"),
]
FEATURES = ["ccmp", "locl", "mark", "mkmk", "kern", "liga", "lnum", "tnum"]


def add_signs(font: TTFont) -> None:
    """Draw ← ↑ → ↓ ▲ ▼ into `font`, sized after its minus (units of the font's em)."""
    cmap = font.getBestCmap()
    minus = font["glyf"][cmap[ord("−")]]
    middle = (minus.yMin + minus.yMax) // 2
    thick = (minus.yMax - minus.yMin) // 2  # half a stroke
    half = (minus.xMax - minus.xMin) * 5 // 8  # half a sign: a little larger than the minus
    head = half * 2 // 3
    advance = 2 * half + 100
    arrow = [(half, 0), (half - head, -head), (half - head, -thick)]
    arrow += [(-half, -thick), (-half, thick), (half - head, thick), (half - head, head)]
    triangle = [(-half, -half), (0, half), (half, -half)]
    signs = {
        0x2190: ("arrowleft", [(-x, -y) for x, y in arrow]),
        0x2191: ("arrowup", [(-y, x) for x, y in arrow]),
        0x2192: ("arrowright", arrow),
        0x2193: ("arrowdown", [(y, -x) for x, y in arrow]),
        0x25B2: ("triagup", triangle),
        0x25BC: ("triagdn", [(-x, -y) for x, y in triangle]),
    }
    font.setGlyphOrder([*font.getGlyphOrder(), *(name for name, _ in signs.values())])
    for code, (name, outline) in signs.items():
        pen = TTGlyphPen(None)
        for step, (x, y) in enumerate(outline):
            (pen.lineTo if step else pen.moveTo)((advance // 2 + x, middle + y))
        pen.closePath()
        glyph = pen.glyph()
        glyph.recalcBounds(font["glyf"])
        font["glyf"][name] = glyph
        font["hmtx"][name] = (advance, glyph.xMin)
        for table in font["cmap"].tables:
            if table.isUnicode():
                table.cmap[code] = name


def build(folder: Path) -> None:
    """Write one file for each weight into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    source = fontpkg.path("Noto Sans")
    for weight in WEIGHTS:
        font = TTFont(source, recalcTimestamp=False)
        options = Options(
            layout_features=FEATURES,
            hinting=False,
            notdef_outline=True,
            name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],
        )
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=LETTERS)
        subsetter.subset(font)
        instancer.instantiateVariableFont(font, {"wght": weight, "wdth": 100}, inplace=True, updateFontNames=True)
        add_signs(font)
        font.flavor = "woff2"
        target = folder / f"noto-sans-{weight}.woff2"
        font.save(target)
        print(f"{target}: {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    build(Path(sys.argv[1]))
