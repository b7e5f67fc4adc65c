"""Which languages a model translates, read from its tokenizer, by their ISO 639 codes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from lessons.errors import InvalidInput
from models.translation.selection import FIELD

_MARIAN_TARGET = re.compile(r">>([a-z]{2,3})<<")
_NLLB_LANGUAGE = re.compile(r"[a-z]{3}_[A-Z][a-z]{3}")
_CODE = re.compile(r"[a-z]{2,3}")
_PAIR_IN_NAME = re.compile(r"-([a-z]{2,3})-([a-z]{2,3})$")

_FLORES = """
af:afr_Latn am:amh_Ethi ar:arb_Arab as:asm_Beng az:azj_Latn be:bel_Cyrl bg:bul_Cyrl
bn:ben_Beng bs:bos_Latn ca:cat_Latn cs:ces_Latn cy:cym_Latn da:dan_Latn de:deu_Latn
el:ell_Grek en:eng_Latn eo:epo_Latn es:spa_Latn et:est_Latn eu:eus_Latn fa:pes_Arab
fi:fin_Latn fo:fao_Latn fr:fra_Latn ga:gle_Latn gd:gla_Latn gl:glg_Latn gu:guj_Gujr
ha:hau_Latn he:heb_Hebr hi:hin_Deva hr:hrv_Latn ht:hat_Latn hu:hun_Latn hy:hye_Armn
id:ind_Latn ig:ibo_Latn is:isl_Latn it:ita_Latn ja:jpn_Jpan jv:jav_Latn ka:kat_Geor
kk:kaz_Cyrl km:khm_Khmr kn:kan_Knda ko:kor_Hang ku:kmr_Latn ky:kir_Cyrl lb:ltz_Latn
lo:lao_Laoo lt:lit_Latn lv:lvs_Latn mg:plt_Latn mi:mri_Latn mk:mkd_Cyrl ml:mal_Mlym
mn:khk_Cyrl mr:mar_Deva ms:zsm_Latn mt:mlt_Latn my:mya_Mymr nb:nob_Latn ne:npi_Deva
nl:nld_Latn nn:nno_Latn no:nob_Latn ny:nya_Latn om:gaz_Latn or:ory_Orya pa:pan_Guru
pl:pol_Latn ps:pbt_Arab pt:por_Latn ro:ron_Latn ru:rus_Cyrl rw:kin_Latn sd:snd_Arab
si:sin_Sinh sk:slk_Latn sl:slv_Latn sn:sna_Latn so:som_Latn sq:als_Latn sr:srp_Cyrl
st:sot_Latn su:sun_Latn sv:swe_Latn sw:swh_Latn ta:tam_Taml te:tel_Telu tg:tgk_Cyrl
th:tha_Thai ti:tir_Ethi tk:tuk_Latn tl:tgl_Latn tr:tur_Latn tt:tat_Cyrl ug:uig_Arab
uk:ukr_Cyrl ur:urd_Arab uz:uzn_Latn vi:vie_Latn wo:wol_Latn xh:xho_Latn yi:ydd_Hebr
yo:yor_Latn zh:zho_Hans zu:zul_Latn
"""

NLLB_CODES: Mapping[str, str] = MappingProxyType(dict(pair.split(":") for pair in _FLORES.split()))
"""FLORES-200 code (language and script) by ISO 639-1 code, the commonest where there are several.

Source: NLLB Team, "No Language Left Behind", arXiv:2207.04672, table 1.
"""


@dataclass(frozen=True, slots=True)
class ModelLanguages:
    """A model's languages: ISO 639 code to how its tokenizer names each.

    Attributes:
        sources: a name is set as the tokenizer's `src_lang`, where the model takes several.
        targets: as `prefixed` says.
        prefixed: whether the name of a target is written before the text (Marian), rather than
            being the first token of the translation (M2M100, NLLB). One target needs neither.
    """

    sources: Mapping[str, str]
    targets: Mapping[str, str]
    prefixed: bool


def languages_of(tokenizer: Any, name: str) -> ModelLanguages:
    """Return what a tokenizer of `transformers` tells of its model's languages.

    Args:
        name: the model's, which tells the pair where the tokenizer does not: `opus-mt-en-es`.

    Raises:
        InvalidInput: neither tells.
    """
    by_code: Mapping[str, str] | None = getattr(tokenizer, "lang_code_to_token", None)
    if by_code:  # M2M100
        codes = {code: code for code in by_code if _CODE.fullmatch(code)}
        return ModelLanguages(codes, codes, prefixed=False)
    tokens = {token for token in tokenizer.all_special_tokens if _NLLB_LANGUAGE.fullmatch(token)}
    if tokens:
        known = {code: token for code, token in NLLB_CODES.items() if token in tokens}
        return ModelLanguages(known, known, prefixed=False)
    return _marian(tokenizer, name)


def _marian(tokenizer: Any, name: str) -> ModelLanguages:
    found = _PAIR_IN_NAME.search(name)
    source, target = found.groups() if found else ("", "")
    source = getattr(tokenizer, "source_lang", None) or source
    target = getattr(tokenizer, "target_lang", None) or target
    prefixes = getattr(tokenizer, "supported_language_codes", ())
    matches = [match for match in map(_MARIAN_TARGET.fullmatch, prefixes) if match]
    targets = {match[1]: f"{match[0]} " for match in matches}
    if not targets and _CODE.fullmatch(target):
        targets = {target: ""}
    if not targets or not _CODE.fullmatch(source):
        raise InvalidInput(
            f"The model `{name}` does not tell which languages it translates.",
            field=FIELD,
            fix="Name its folder as its publisher does, such as opus-mt-en-es, or use another one.",
        )
    return ModelLanguages({source: ""}, targets, prefixed=True)
