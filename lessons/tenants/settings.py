"""What a tenant can set: brand, languages, retention, region, consent, masking, sign-in, ..."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from lessons.events.data import without_nul

MAX_LOGO_CHARACTERS = 90_000
MAX_DAYS = 36_500
DAY_MINUTES = 24 * 60
MAX_LATE_MINUTES = 31 * DAY_MINUTES

Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.-]{0,63}$")]
MaskedWord = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"\w")]
CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Days = Annotated[int, Field(ge=1, le=MAX_DAYS)]
Basis = Literal["own", "guardian", "school_contract"]


class SettingsModel(BaseModel):
    """A group of settings. Unknown ones are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _has_no_nul(cls, value: object) -> object:
        return without_nul(value)


class Brand(SettingsModel):
    """How the console, recaps, reports and e-mails of the tenant look."""

    name: str = Field(default="Lectern", min_length=1, max_length=100)
    primary_colour: Colour = "#1f4e79"
    accent_colour: Colour = "#c2571a"
    logo_url: str | None = Field(
        default=None,
        max_length=MAX_LOGO_CHARACTERS,
        pattern=r"^(data:image/(png|jpeg|webp|svg\+xml);base64,[A-Za-z0-9+/=]+|/[^/\s].*)$",
        description="A picture as a `data:` URL, or a path on this host: a logo from elsewhere "
        "would tell that host who opens the page",
    )
    sender_address: str | None = Field(
        default=None, max_length=254, pattern=r"^[^@\s<>\"]+@[^@\s<>\"]+\.[^@\s<>\"]+$"
    )


class Retention(SettingsModel):
    """How many days after a lesson each kind of data is kept; null means until it is erased."""

    captions_days: Days | None = 365
    events_days: Days | None = 3 * 365
    signals_days: Days | None = 365
    recordings_days: Days | None = 90
    payloads_days: Days | None = 30
    disclosures_days: Days | None = 3 * 365


class ConsentRules(SettingsModel):
    """For which purposes a participant's consent is asked, and on which basis it is taken."""

    required_purposes: list[Word] = Field(default_factory=list, max_length=50)
    basis_default: Basis | None = None


class Features(SettingsModel):
    """What can be switched off for a whole branch of the tree."""

    live_captions: bool = True
    recordings: bool = True
    webhooks: bool = True
    summaries: bool = Field(
        default=True, description="Whether a summary is written once a lesson has ended"
    )
    guest_participants: bool = Field(
        default=True, description="Whether people without an `external_id` may take part"
    )
    chat_text: bool = Field(
        default=True, description="Whether the text of a chat message is kept beside its length"
    )


class CaptionRules(SettingsModel):
    """What is masked in captions, in partials too, for everybody who reads them."""

    mask_profanity: bool = Field(
        default=False, description="Whether swear words and `masked_words` become `***`"
    )
    mask_personal_data: bool = Field(
        default=False,
        description="Whether e-mail addresses, telephone, card, account and identity numbers do",
    )
    masked_words: list[MaskedWord] = Field(
        default_factory=list,
        max_length=500,
        description="Words and phrases of the tenant's own, masked with the swear words",
    )
    phone_region: CountryCode | None = Field(
        default=None,
        description="Country whose telephone numbers are said without their code, as `GB`; null: "
        "only numbers with their code are masked",
    )


class CaptionTargets(SettingsModel):
    """How late captions may be in 95 of 100 cases; a lesson that misses one raises an alarm."""

    speech_end_to_final_ms: int = Field(
        default=3_000, ge=100, le=60_000, description="From the end of an utterance to its final"
    )
    word_to_screen_ms: int = Field(
        default=4_000, ge=100, le=60_000, description="From a word's end to when it stands to stay"
    )


class Engagement(SettingsModel):
    """What is inferred about taking part, and how often those who teach are told of it."""

    signals: bool = Field(
        default=True, description="Whether models compute signals about participation"
    )
    camera: bool = Field(
        default=False,
        description="Whether cameras are looked at, of those who consented to `camera_signals`",
    )
    nudges_per_lesson: int = Field(
        default=6, ge=0, le=100, description="Most hints about learners in one lesson"
    )
    nudge_after_s: int = Field(
        default=120,
        ge=120,
        le=3_600,
        description="Shortest time before a hint, besides the quiet that a task expects",
    )


class RecapRules(SettingsModel):
    """What guardians are told of lessons; nothing goes out before somebody who teaches approves."""

    drafted: bool = Field(
        default=True, description="Whether a recap for guardians is drafted from each summary"
    )
    by_email: bool = Field(
        default=True,
        description="Whether an approved recap goes to guardians by e-mail as well as on its page",
    )


class SignIn(SettingsModel):
    """The tenant's own OpenID provider; people sign in there."""

    issuer: str | None = Field(default=None, max_length=500, pattern=r"^https?://[^\s]+$")
    client_id: str | None = Field(default=None, max_length=300)
    client_secret: str | None = Field(default=None, max_length=1_000)
    scopes: list[str] = Field(default_factory=lambda: ["openid", "profile", "email"], max_length=20)


class TenantSettings(SettingsModel):
    """All settings of a tenant, as they are in force for it."""

    brand: Brand = Brand()
    languages: list[Language] = Field(default_factory=list, max_length=100)
    retention: Retention = Retention()
    region: Word | None = None
    consent: ConsentRules = ConsentRules()
    engines_allowed: list[Word] | None = Field(
        default=None, max_length=50, description="Caption engines; null allows all"
    )
    caption_targets: CaptionTargets = CaptionTargets()
    features: Features = Features()
    engagement: Engagement = Engagement()
    captions: CaptionRules = CaptionRules()
    recaps: RecapRules = RecapRules()
    caption_translations: list[Language] = Field(
        default_factory=list,
        max_length=20,
        description="Languages that the captions of lessons are translated into, as ISO 639 codes, "
        "where a model is loaded for them",
    )
    late_events_minutes: int = Field(
        default=DAY_MINUTES,
        ge=0,
        le=MAX_LATE_MINUTES,
        description="For how long after its end a lesson takes events",
    )
    rate_limit_per_minute: int | None = Field(
        default=None, ge=1, description="Requests per credential; null: the installation's limit"
    )
    sign_in: SignIn = SignIn()
    locked: list[str] = Field(
        default_factory=list,
        max_length=100,
        description="Settings that no tenant below may override, such as `brand.name`",
    )
