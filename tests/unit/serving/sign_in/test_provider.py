"""What a broken or hostile provider answers is refused; what it tells truly is taken."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import unquote_plus

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from joserfc.jwk import OctKey, RSAKey

from integrations.address_guard import AddressGuard
from serving.sign_in import provider as provider_module
from serving.sign_in.failure import SignInFailed
from serving.sign_in.provider import Client, Provider, Providers
from serving.sign_in.provider_http import MAX_ANSWER_BYTES, ProviderHttp
from tests.unit.serving.serving_app import serve

LOOPBACK = AddressGuard(["127.0.0.0/8"])
CLIENT = Client(id="us", secret="s: %+")
KEY = RSAKey.generate_key(2048, {"kid": "one"}, private=True)


class Answers:
    """What the provider says; tests change it."""

    def __init__(self) -> None:
        self.issuer = ""
        self.metadata: dict[str, Any] = {}
        self.keys: list[dict[str, Any]] = [dict(KEY.as_dict(private=False))]
        self.token: Response = JSONResponse({"id_token": "a.b.c", "access_token": "at"})
        self.user_info: dict[str, Any] = {"sub": "ada", "name": "Ada"}
        self.description: Response | None = None
        self.asked: list[Request] = []
        self.forms: list[dict[str, str]] = []

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        async def describe() -> Response:
            if self.description is not None:
                return self.description
            endpoints = {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "jwks_uri": f"{self.issuer}/keys",
            }
            return JSONResponse(endpoints | self.metadata)

        @app.get("/keys")
        async def keys(request: Request) -> Response:
            self.asked.append(request)
            return JSONResponse({"keys": self.keys})

        @app.post("/token")
        async def token(request: Request) -> Response:
            self.asked.append(request)
            self.forms.append({name: str(value) for name, value in (await request.form()).items()})
            return self.token

        @app.get("/userinfo")
        async def user_info(request: Request) -> Response:
            self.asked.append(request)
            return JSONResponse(self.user_info)

        return app


@pytest.fixture
async def answers() -> AsyncIterator[Answers]:
    given = Answers()
    async with serve(given.app()) as url:
        given.issuer = url
        yield given


@pytest.fixture
async def provider(answers: Answers) -> AsyncIterator[Provider]:
    async with Providers(LOOPBACK) as providers:
        yield providers.of(answers.issuer)


async def redeem(provider: Provider, client: Client = CLIENT) -> None:
    await provider.redeem(client, "code", "verifier", "https://here/back")


class TestDescription:
    @pytest.mark.parametrize(
        "metadata",
        [
            {"issuer": "https://id.example"},
            {"token_endpoint": None},
            {"token_endpoint": "http://id.invalid/token"},
            {"jwks_uri": "http://10.0.0.1/keys"},
            {"userinfo_endpoint": "file:///etc/passwd"},
            {"authorization_endpoint": "javascript:alert(1)"},
            {"code_challenge_methods_supported": ["plain"]},
        ],
    )
    async def test_one_that_does_not_hold_together_is_refused(
        self, answers: Answers, provider: Provider, metadata: dict[str, Any]
    ) -> None:
        answers.metadata = metadata
        with pytest.raises(SignInFailed):
            await provider.metadata()

    @pytest.mark.parametrize(
        "description",
        [
            Response("<html>", media_type="text/html"),
            JSONResponse([]),
            JSONResponse({}, status_code=500),
            RedirectResponse("https://id.example"),
            Response(b"[" * 100_000),
            Response(b" " * (MAX_ANSWER_BYTES + 1)),
        ],
    )
    async def test_what_is_none_is_refused(
        self, answers: Answers, provider: Provider, description: Response
    ) -> None:
        answers.description = description
        with pytest.raises(SignInFailed):
            await provider.metadata()

    async def test_nothing_internal_is_asked_unless_the_operator_vouches_for_it(
        self, answers: Answers
    ) -> None:
        strict = ProviderHttp(AddressGuard())
        for url in (answers.issuer, "https://127.0.0.1:1/", "https://localhost/", "http://[::1]/"):
            with pytest.raises(SignInFailed):
                await strict.json(await strict.require_safe(url))
        await strict.close()


class TestKeys:
    async def test_new_ones_are_asked_for_but_not_at_every_unknown_one(
        self, answers: Answers, provider: Provider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await provider.keys()
        await provider.keys(newer=True)
        assert len(answers.asked) == 1
        monkeypatch.setattr(provider_module, "KEYS_ASKED_AGAIN_AFTER_SECONDS", 0.0)
        fresh = RSAKey.generate_key(2048, {"kid": "two"}, private=True)
        answers.keys = [dict(fresh.as_dict(private=False))]
        assert [key.kid for key in await provider.keys(newer=True)] == ["two"]

    @pytest.mark.parametrize(
        "keys",
        [
            [],
            [dict(OctKey.generate_key(256, {"kid": "s"}).as_dict(private=True))],
            [dict(KEY.as_dict(private=False)) | {"use": "enc"}],
            [{"kty": "RSA", "n": "!", "e": "AQAB"}],
            ["no key"],
        ],
    )
    async def test_a_set_without_a_public_signing_key_is_refused(
        self, answers: Answers, provider: Provider, keys: list[Any]
    ) -> None:
        answers.keys = keys
        with pytest.raises(SignInFailed):
            await provider.keys()


class TestCode:
    async def test_the_secret_goes_into_the_header_form_encoded(
        self, answers: Answers, provider: Provider
    ) -> None:
        await redeem(provider)
        scheme, _, encoded = answers.asked[0].headers["authorization"].partition(" ")
        name, _, secret = base64.b64decode(encoded).decode().partition(":")
        assert (scheme, unquote_plus(name), unquote_plus(secret)) == ("Basic", "us", "s: %+")
        assert answers.forms[0]["code_verifier"] == "verifier"
        assert "client_secret" not in answers.forms[0]

    async def test_or_into_the_body_where_the_provider_takes_it_only_there(
        self, answers: Answers, provider: Provider
    ) -> None:
        answers.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
        await redeem(provider)
        assert answers.forms[0]["client_secret"] == "s: %+"
        assert "authorization" not in answers.asked[0].headers

    async def test_a_client_without_a_secret_sends_none(
        self, answers: Answers, provider: Provider
    ) -> None:
        await redeem(provider, Client(id="us"))
        assert "authorization" not in answers.asked[0].headers
        assert answers.forms[0]["client_id"] == "us"

    @pytest.mark.parametrize(
        "token",
        [
            JSONResponse({"access_token": "at"}),
            JSONResponse({"id_token": 7}),
            JSONResponse({"error": "invalid_grant"}, status_code=400),
            RedirectResponse("https://id.example/token"),
        ],
    )
    async def test_an_answer_without_an_id_token_is_refused(
        self, answers: Answers, provider: Provider, token: Response
    ) -> None:
        answers.token = token
        with pytest.raises(SignInFailed):
            await redeem(provider)


async def test_what_is_told_of_somebody_else_is_refused(
    answers: Answers, provider: Provider
) -> None:
    assert (await provider.user_info("at", "ada"))["name"] == "Ada"
    with pytest.raises(SignInFailed):
        await provider.user_info("at", "eve")
