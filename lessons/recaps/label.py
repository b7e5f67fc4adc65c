"""The label that says, to people and to machines, that a machine wrote a recap.

Sources: Regulation (EU) 2024/1689 (AI Act), Article 50; the IPTC NewsCodes vocabulary "digital
source type", which C2PA, ninjs and schema.org (`digitalSourceType`) use as well.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

_IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_SCHEMA_ORG = "https://schema.org/"

GENERATED = "trainedAlgorithmicMedia"
"""What models made of the record, though a person approved it."""

GENERATED_AND_EDITED = "compositeWithTrainedAlgorithmicMedia"
"""The same with lines that a person wrote."""

_SCHEMA_ORG_NAMES = {
    GENERATED: "TrainedAlgorithmicMediaDigitalSource",
    GENERATED_AND_EDITED: "CompositeWithTrainedAlgorithmicMediaDigitalSource",
}

LAW = "Regulation (EU) 2024/1689, Article 50"

EXAMPLE_LABEL: JsonDict = {
    "machine_made": True,
    "digital_source_type": f"{_IPTC}{GENERATED}",
    "sentence": "A computer program (AI) wrote this page from the lesson. A person from the "
    "school checked it.",
    "law": LAW,
    "writer": "recap-templates",
    "writer_version": "1",
}


class AiLabel(BaseModel):
    """That a machine made a text, in words and as machines read it."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"examples": [EXAMPLE_LABEL]})

    machine_made: Literal[True] = True
    digital_source_type: str = Field(description="IPTC digital source type, as a URI")
    sentence: str = Field(description="The same for people, to be shown with the text")
    law: str = Field(default=LAW, description="What demands the label")
    writer: str = Field(description="What wrote it")
    writer_version: str = Field(description="Version of the writer")

    @property
    def schema_org_type(self) -> str:
        """The digital source type as schema.org calls it."""
        return f"{_SCHEMA_ORG}{_SCHEMA_ORG_NAMES[self.digital_source_type.removeprefix(_IPTC)]}"


def label_of(writer: str, writer_version: str, *, is_edited: bool, is_approved: bool) -> AiLabel:
    """Return the label of a text that models made and people may have edited and approved."""
    checked = "changed and checked it" if is_edited else "checked it"
    after = f" A person from the school {checked}." if is_approved else ""
    return AiLabel(
        digital_source_type=f"{_IPTC}{GENERATED_AND_EDITED if is_edited else GENERATED}",
        sentence=f"A computer program (AI) wrote this page from the lesson.{after}",
        writer=writer,
        writer_version=writer_version,
    )
