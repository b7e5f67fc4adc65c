"""A lesson's captions in another language, as one reader may see them."""

from __future__ import annotations

from collections.abc import Sequence

from lessons.captions import Caption
from lessons.errors import NotFound
from lessons.events import CaptionTranslated
from lessons.policy import Credential
from lessons.translations import TranslatedCaption, languages_of, translated
from serving.web.services import Services


async def in_language(
    services: Services,
    reader: Credential,
    lesson_id: str,
    captions: Sequence[Caption],
    language: str,
) -> list[TranslatedCaption]:
    """Return the captions that a reader may see in a language, the original where it has no other.

    Args:
        captions: what the reader may see.

    Raises:
        NotFound: nobody asked for translations into that language; names those that there are.
    """
    translations = await _translations(services, reader.tenant_id, lesson_id)
    settings = await services.tenants.settings(reader.tenant_id)
    known = languages_of(captions, translations) | set(settings.caption_translations)
    if language not in known:
        raise NotFound(
            f"The captions of this lesson are not translated into {language!r}.",
            field="language",
            fix=f"Languages: {', '.join(sorted(known)) or 'none'}. An administrator of the tenant "
            "can add one in the setting `caption_translations`.",
        )
    return translated(captions, translations, language)


async def _translations(
    services: Services, tenant_id: str, lesson_id: str
) -> list[CaptionTranslated]:
    events = await services.ledger.read_all(tenant_id, lesson_id, [CaptionTranslated.type])
    return [event.data for event in events if isinstance(event.data, CaptionTranslated)]
