"""An A4 document in a tenant's brand: its name, colours and logo on every page.

DejaVu Sans writes names in Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew and Arabic letters;
others, such as Chinese ones, come out as boxes.
"""

from __future__ import annotations

import base64
import io
import logging
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import Align, MethodReturnValue, XPos, YPos
from PIL import Image, UnidentifiedImageError

from lessons.tenants import Brand

logger = logging.getLogger(__name__)

FONTS = Path(__file__).parent / "fonts"
FONT = "DejaVu Sans"
MARGIN = 16.0
"""Millimetres, as all lengths here."""

BAR_HEIGHT = 3.0
LOGO_HEIGHT = 10.0
MAX_LOGO_PIXELS = 4_000_000

Colour = tuple[int, int, int]
BLACK: Colour = (25, 25, 25)
GREY: Colour = (110, 110, 110)


@dataclass(frozen=True, slots=True)
class Block:
    """Text of some lines; `width` in millimetres, `size` in points."""

    text: str
    width: float
    size: float
    bold: bool = False

    @property
    def line_height(self) -> float:
        """Height of one of its lines."""
        return self.size * 0.48


class BrandedDocument(FPDF):
    """Pages with the brand at the head and their number at the foot.

    Args:
        title: of the document, for who opens the file.
        made_at: when it was made; so the same content gives the same file.

    Attributes:
        primary, accent: the brand's colours, 0..255 each of red, green and blue.
        tint: the primary colour, light enough to lie behind something.
    """

    def __init__(self, brand: Brand, title: str, made_at: datetime) -> None:
        super().__init__(format="A4")
        self._brand = brand
        self._logo = _logo(brand)
        self._made_at = made_at
        self.primary = _rgb(brand.primary_colour)
        self.accent = _rgb(brand.accent_colour)
        red, green, blue = ((part + 3 * 255) // 4 for part in self.primary)
        self.tint: Colour = (red, green, blue)
        self.set_title(title)
        self.set_author(brand.name)
        self.set_creation_date(made_at)
        self.set_lang("en")
        self.add_font(FONT, "", FONTS / "DejaVuSans.ttf")
        self.add_font(FONT, "B", FONTS / "DejaVuSans-Bold.ttf")
        self.set_margin(MARGIN)
        self.c_margin = 0.0  # text begins where lines do
        self.set_auto_page_break(True, margin=MARGIN + 6)
        self.ink()

    def ink(self, *, size: float = 10, bold: bool = False, colour: Colour = BLACK) -> None:
        """Choose how the next text looks; `size` in points."""
        self.set_font(FONT, "B" if bold else "", size)
        self.set_text_color(*colour)

    def header(self) -> None:
        """Write the head of a page."""
        self.set_fill_color(*self.primary)
        self.rect(0, 0, self.w, BAR_HEIGHT, style="F")
        self.set_y(BAR_HEIGHT + 5)
        if self._logo is not None:
            self.image(self._logo, x=MARGIN, h=LOGO_HEIGHT, keep_aspect_ratio=True)
            self.set_y(BAR_HEIGHT + 5 + LOGO_HEIGHT)
        self.ink(size=9, bold=True, colour=self.primary)
        self.cell(0, 5, self._brand.name, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(3)

    def footer(self) -> None:
        """Write the foot of a page."""
        self.set_y(-MARGIN)
        self.ink(size=8, colour=GREY)
        self.cell(0, 5, day_of(self._made_at))
        self.set_x(MARGIN)
        self.cell(0, 5, f"{self.page_no()} of {{nb}}", align=Align.R)

    def title_line(self, text: str) -> None:
        """Write the one large line of the document."""
        self.ink(size=18, bold=True)
        self.multi_cell(0, 9, text, align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(1)

    def heading(self, text: str) -> None:
        """Write a heading."""
        self.ln(3)
        self.ink(size=12, bold=True, colour=self.primary)
        self.multi_cell(0, 6, text, align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(1)

    def paragraph(self, text: str, *, colour: Colour = BLACK, size: float = 10) -> None:
        """Write a paragraph over the whole width."""
        self.ink(size=size, colour=colour)
        self.multi_cell(0, size * 0.5, text, align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def block(self, block: Block, *, colour: Colour = BLACK) -> None:
        """Write a block at the present place, and go below it."""
        self.ink(size=block.size, bold=block.bold, colour=colour)
        self.multi_cell(
            block.width,
            block.line_height,
            block.text,
            align=Align.L,
            new_x=XPos.LEFT,
            new_y=YPos.NEXT,
        )

    def height_of(self, block: Block) -> float:
        """Return how high a block will be."""
        self.ink(size=block.size, bold=block.bold)
        height = self.multi_cell(
            block.width,
            block.line_height,
            block.text,
            dry_run=True,
            output=MethodReturnValue.HEIGHT,
        )
        return float(str(height))

    def keep_together(self, height: float) -> None:
        """Begin a new page if this one has not so much room left."""
        if self.will_page_break(height):
            self.add_page()


def day_of(day: date) -> str:
    """Return a day as people write it: `7 September 2026`."""
    return f"{day.day} {day:%B %Y}"


def _rgb(colour: str) -> Colour:
    """Return the parts of a colour written as `#rrggbb`."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _logo(brand: Brand) -> Image.Image | None:
    """Return the brand's logo; a path on the host and a drawing (SVG) are left out.

    A logo that cannot be read is left out too: somebody is waiting for the report.
    """
    kind, _, content = (brand.logo_url or "").partition(";base64,")
    if kind not in ("data:image/png", "data:image/jpeg", "data:image/webp"):
        return None
    try:
        picture = Image.open(io.BytesIO(base64.b64decode(content)))
        if picture.width * picture.height > MAX_LOGO_PIXELS:
            raise ValueError(f"{picture.width} x {picture.height} pixels")
        picture.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        logger.warning("the logo of %s cannot be shown: %s", brand.name, error)
        return None
    return picture
