"""Who may have speech transcribed without a lesson, and what would hear it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from starlette.websockets import WebSocket

from lessons.policy import Action, Credential, Resource
from lessons.tenants import (
    TenantSettings,
    language_of,
    require_allowed_engine,
    require_feature,
)
from serving.web.authentication import caller_with
from serving.web.authorization import authorize
from serving.web.loaded_engine import LoadedEngine, loaded_engine
from serving.web.services import Services

ENGINE_HEADER = "Lectern-Engine"
"""Says which engine and model really heard, whatever model the client asked for."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A caller whose speech may be transcribed.

    Attributes:
        engine: what will hear it.
        tenant: the settings in force for the caller.
        language: what is spoken where neither the caller nor the tenant says.
    """

    engine: LoadedEngine
    tenant: TenantSettings
    language: str

    def language_for(self, asked: str | None) -> str:
        """Return the ISO 639-1 code to transcribe in; of a tag such as `en-US` its first part.

        Raises:
            InvalidInput: the tenant does not teach in it, or the model does not transcribe it.
        """
        code = asked.partition("-")[0].lower() if asked else None
        language = language_of(self.tenant, code, self.language)
        self.engine.require_language(language)
        return language


async def admit(services: Services, caller: Credential) -> Admitted:
    """Let a caller's speech go to the captioner, by the rules that hold for its lessons as well.

    Raises:
        NotAllowed: the credential, or a setting of its tenant, does not allow it.
        WrongRegion: the models run in another region than the tenant is bound to.
        Unavailable: no engine is loaded.
    """
    await authorize(services, caller, Action.CREATE, Resource.TRANSCRIPTION)
    tenant = await services.tenants.settings(caller.tenant_id)
    require_feature(tenant, "live_captions")
    services.database.pin.require_models(caller.tenant_id)
    engine = await loaded_engine(services)
    require_allowed_engine(tenant, engine.engine)
    return Admitted(engine, tenant, services.settings.caption_language)


async def admit_stream(
    websocket: WebSocket, services: Services, token: str | None, held: ExitStack
) -> tuple[Credential, Admitted]:
    """Admit whoever opens a stream, and hold a place for it while `held` is open.

    Raises:
        NotAuthenticated: the token is missing, wrong, expired or revoked.
        TooManyRequests: the caller's share is used up.
        LecternError: as `admit`; Overloaded where the gateway has no place left.
    """
    caller = await caller_with(websocket, services, token)
    admitted = await admit(services, caller)
    held.enter_context(services.speech_streams.take())
    return caller, admitted
