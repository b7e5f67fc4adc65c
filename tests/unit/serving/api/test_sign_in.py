"""People sign in at a real OpenID provider: the whole way, and every way that must not lead in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
from fastapi import FastAPI

from lessons.roles import Role
from serving.settings import Settings
from serving.web.cookies import SIGN_IN_COOKIE
from serving.web.services import Services
from tests.identity_provider import (
    ADA,
    CLIENT_ID,
    CLIENT_SECRET,
    EVE,
    PASSWORD,
    Account,
    identity_provider,
)

GATEWAY = "http://gateway"
CALLBACK = f"{GATEWAY}/v1/sign-in/callback"
OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with identity_provider(CALLBACK) as running:
        yield running


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path,
        token_secret="a secret of the tests, long enough to sign with",
        models_url="http://127.0.0.1:9",
        public_url=GATEWAY,
        sign_in_allowed_networks=["127.0.0.0/8"],
    )


@pytest.fixture
async def school(services: Services, tenant_id: str, issuer: str) -> str:
    """A tenant whose people sign in at the provider."""
    sign_in = {"issuer": issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    await services.tenants.change(tenant_id, tenant_id, settings={"sign_in": sign_in})
    return tenant_id


class Form(HTMLParser):
    """The first form of a page: its fields, without its buttons."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and given.get("type") != "submit" and given.get("name"):
            self.fields[given["name"] or ""] = given.get("value") or ""


class Browser:
    """A browser at the gateway and at the provider, as far as a sign-in needs one."""

    def __init__(self, app: FastAPI) -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self.http = httpx.AsyncClient(mounts={GATEWAY: transport}, base_url=GATEWAY)

    async def begin(self, tenant_id: str, return_to: str = "/") -> str:
        body = {"tenant_id": tenant_id, "return_to": return_to}
        response = await self.http.post("/v1/sign-in", json=body, headers=OWN_PAGE)
        assert response.status_code == 200, response.text
        return str(response.json()["authorization_url"])

    async def at_provider(self, address: str, account: Account, *, agrees: bool = True) -> str:
        """Log in and answer the provider's question; return where it sends the browser."""
        page = await self.http.get(address, follow_redirects=True)
        form = Form(page.text).fields | {"username": account.user_name, "password": PASSWORD}
        page = await self.http.post(page.url, data=form, follow_redirects=True)
        answer = Form(page.text).fields | ({"allow": "Authorize"} if agrees else {})
        response = await self.http.post(page.url, data=answer)
        assert response.status_code == 302, response.text
        return urljoin(str(page.url), response.headers["location"])

    async def sign_in(self, tenant_id: str, account: Account = ADA) -> httpx.Response:
        back = await self.at_provider(await self.begin(tenant_id), account)
        return await self.http.get(back)

    async def me(self) -> httpx.Response:
        return await self.http.get("/v1/me", headers=OWN_PAGE)


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[Browser]:
    one = Browser(app)
    async with one.http:
        yield one


@pytest.fixture
async def other_browser(app: FastAPI) -> AsyncIterator[Browser]:
    other = Browser(app)
    async with other.http:
        yield other


def failure_of(response: httpx.Response) -> str:
    assert response.status_code == 303
    place = urlsplit(response.headers["location"])
    assert (place.netloc, place.path) == ("", "/")
    return parse_qs(place.query)["sign_in_failed"][0]


async def test_a_person_signs_in_and_out(
    browser: Browser, services: Services, school: str, issuer: str
) -> None:
    offered = (await browser.http.get("/v1/sign-in", params={"tenant_id": school})).json()
    assert offered == {"tenant_id": school, "issuer": issuer}
    back = await browser.at_provider(await browser.begin(school, "/#/lessons"), ADA)
    response = await browser.http.get(back)
    assert (response.status_code, response.headers["location"]) == (303, "/#/lessons")
    assert response.headers["cache-control"] == "no-store"
    me = (await browser.me()).json()
    assert (me["kind"], me["name"], me["tenant_id"], me["roles"]) == (
        "person",
        ADA.name,
        school,
        [],
    )
    person = await services.people.get(school, me["id"])
    assert person.email == ADA.email
    proof = browser.http.cookies[SIGN_IN_COOKIE]
    signed_out = await browser.http.post("/v1/sign-out", headers=OWN_PAGE)
    assert signed_out.json()["provider_url"].startswith(issuer)
    assert SIGN_IN_COOKIE not in browser.http.cookies
    kept = {"Authorization": f"Bearer {proof}"}
    assert (await browser.http.get("/v1/me", headers=kept)).status_code == 401


async def test_who_has_no_role_sees_nothing_until_given_one(
    browser: Browser, services: Services, school: str
) -> None:
    await browser.sign_in(school)
    assert (await browser.http.get("/v1/api-keys", headers=OWN_PAGE)).status_code == 403
    me = (await browser.me()).json()
    await services.people.assign(school, me["id"], Role.ADMINISTRATOR)
    assert (await browser.http.get("/v1/api-keys", headers=OWN_PAGE)).status_code == 200
    assert (await browser.me()).json()["roles"] == [{"role": "administrator", "course_id": None}]


async def test_the_same_account_is_the_same_person(
    browser: Browser, other_browser: Browser, services: Services, school: str
) -> None:
    await browser.sign_in(school)
    await other_browser.sign_in(school)
    assert (await browser.me()).json()["id"] == (await other_browser.me()).json()["id"]
    listed = (await browser.http.get("/v1/me/sign-ins", headers=OWN_PAGE)).json()["sign_ins"]
    assert [one["current"] for one in listed] == [False, True]
    path = f"/v1/me/sign-ins/{listed[0]['id']}"
    assert (await browser.http.delete(path, headers=OWN_PAGE)).status_code == 204
    assert (await other_browser.me()).status_code == 401
    me = (await browser.me()).json()
    newest = (await services.audit.list_entries(school))[0]
    assert (newest.actor, newest.action) == (me["id"], "sign out")
    assert newest.resource == f"sign_in {listed[0]['id']}"


async def test_a_verified_address_leads_to_the_person_that_is_known(
    browser: Browser, services: Services, school: str
) -> None:
    known = await services.people.create(school, "A. Lovelace", "u17", ADA.email.upper())
    await browser.sign_in(school)
    assert (await browser.me()).json()["id"] == known.id


async def test_an_address_that_nobody_verified_leads_to_nobody(
    browser: Browser, services: Services, school: str
) -> None:
    known = await services.people.create(school, "A. Lovelace", "u17", EVE.email)
    await browser.sign_in(school, EVE)
    me = (await browser.me()).json()
    assert me["id"] != known.id
    assert (await services.people.get(school, me["id"])).email is None


async def test_an_administrator_signs_somebody_out_everywhere(
    browser: Browser, api: httpx.AsyncClient, school: str
) -> None:
    await browser.sign_in(school)
    me = (await browser.me()).json()
    assert (await api.delete(f"/v1/people/{me['id']}/sign-ins")).status_code == 204
    assert (await browser.me()).status_code == 401


async def test_a_sign_in_of_before_ends_and_its_cookie_is_replaced(
    browser: Browser, school: str
) -> None:
    await browser.sign_in(school)
    before = browser.http.cookies[SIGN_IN_COOKIE]
    address = await browser.begin(school)
    page = await browser.http.get(address, follow_redirects=True)
    answer = Form(page.text).fields | {"allow": "Authorize"}
    response = await browser.http.post(page.url, data=answer)
    await browser.http.get(urljoin(str(page.url), response.headers["location"]))
    assert browser.http.cookies[SIGN_IN_COOKIE] != before
    old = {"Authorization": f"Bearer {before}"}
    assert (await browser.http.get("/v1/me", headers=old)).status_code == 401


class TestNoOtherWayIn:
    """What an attacker would try."""

    async def test_the_answer_in_another_browser(
        self, browser: Browser, other_browser: Browser, school: str
    ) -> None:
        back = await browser.at_provider(await browser.begin(school), ADA)
        assert failure_of(await other_browser.http.get(back)) == "expired"
        assert SIGN_IN_COOKIE not in other_browser.http.cookies

    async def test_the_answer_a_second_time(self, browser: Browser, school: str) -> None:
        back = await browser.at_provider(await browser.begin(school), ADA)
        assert (await browser.http.get(back)).headers["location"] == "/"
        assert failure_of(await browser.http.get(back)) == "expired"

    async def test_somebody_elses_code_in_ones_own_attempt(
        self, browser: Browser, other_browser: Browser, school: str
    ) -> None:
        stolen = await other_browser.at_provider(await other_browser.begin(school), ADA)
        own = await browser.begin(school)
        query = {
            "code": parse_qs(urlsplit(stolen).query)["code"][0],
            "state": parse_qs(urlsplit(own).query)["state"][0],
        }
        refused = await browser.http.get(CALLBACK, params=query)
        assert failure_of(refused) == "provider"

    async def test_a_state_that_was_made_up(self, browser: Browser, school: str) -> None:
        await browser.begin(school)
        for state in ("", "x", "\0", "a" * 5000):
            refused = await browser.http.get(CALLBACK, params={"code": "c", "state": state})
            assert failure_of(refused) == "expired"

    async def test_a_cookie_that_was_made_up(self, browser: Browser, school: str) -> None:
        state = parse_qs(urlsplit(await browser.begin(school)).query)["state"][0]
        (name,) = browser.http.cookies
        for sealed in ("x", "a.b.c.d.e", "e30..e30.e30.e30"):
            query = {"code": "c", "state": state}
            headers = {"Cookie": f"{name}={sealed}"}
            refused = await browser.http.get(CALLBACK, params=query, headers=headers)
            assert failure_of(refused) == "expired"

    async def test_an_answer_of_another_provider(self, browser: Browser, school: str) -> None:
        back = await browser.at_provider(await browser.begin(school), ADA)
        refused = await browser.http.get(f"{back}&iss=https://evil.example")
        assert failure_of(refused) == "provider"

    async def test_a_person_who_declines(self, browser: Browser, school: str) -> None:
        back = await browser.at_provider(await browser.begin(school), ADA, agrees=False)
        assert "error=access_denied" in back
        assert failure_of(await browser.http.get(back)) == "declined"

    async def test_a_provider_that_changed_meanwhile(
        self, browser: Browser, services: Services, school: str
    ) -> None:
        back = await browser.at_provider(await browser.begin(school), ADA)
        other = {"sign_in": {"issuer": "https://id.example"}}
        await services.tenants.change(school, school, settings=other)
        assert failure_of(await browser.http.get(back)) == "expired"

    @pytest.mark.parametrize(
        "return_to",
        [
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/a\r\nSet-Cookie: x=y",
            "",
            "lessons",
            "/é",
        ],
    )
    async def test_a_way_back_to_another_site(
        self, browser: Browser, school: str, return_to: str
    ) -> None:
        body = {"tenant_id": school, "return_to": return_to}
        refused = await browser.http.post("/v1/sign-in", json=body, headers=OWN_PAGE)
        assert (refused.status_code, refused.json()["field"]) == (422, "return_to")

    async def test_a_form_on_another_site(self, browser: Browser, school: str) -> None:
        await browser.sign_in(school)
        for headers in (
            {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
            {"Sec-Fetch-Site": "same-site", "Origin": "http://other.gateway"},
            {"Origin": "https://evil.example"},
        ):
            for path in ("/v1/sign-out", "/v1/sign-in", "/v1/lessons"):
                refused = await browser.http.post(path, headers=headers, json={})
                assert refused.status_code == 403, (path, headers)
        assert (await browser.me()).status_code == 200

    async def test_a_host_header_of_ones_own_choice(self, browser: Browser, school: str) -> None:
        headers = OWN_PAGE | {"Host": "evil.example"}
        begun = await browser.http.post("/v1/sign-in", json={"tenant_id": school}, headers=headers)
        query = parse_qs(urlsplit(begun.json()["authorization_url"]).query)
        assert query["redirect_uri"] == [CALLBACK]


async def test_the_request_to_the_provider_carries_every_protection(
    browser: Browser, school: str
) -> None:
    first = parse_qs(urlsplit(await browser.begin(school)).query)
    second = parse_qs(urlsplit(await browser.begin(school)).query)
    assert first["response_type"] == ["code"]
    assert first["code_challenge_method"] == ["S256"]
    assert "openid" in first["scope"][0].split()
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name][0]) >= 43
        assert first[name] != second[name]


async def test_a_tenants_own_domain_is_where_its_people_come_back(
    browser: Browser, services: Services, school: str
) -> None:
    host = f"{school.replace('_', '-')}.example"
    await services.domains.claim(school, host)
    begun = await browser.http.post("/v1/sign-in", headers=OWN_PAGE | {"Host": host})
    query = parse_qs(urlsplit(begun.json()["authorization_url"]).query)
    assert query["redirect_uri"] == [f"http://{host}/v1/sign-in/callback"]


async def test_a_tenant_without_a_provider_says_so(browser: Browser, tenant_id: str) -> None:
    offered = await browser.http.get("/v1/sign-in", params={"tenant_id": tenant_id})
    assert offered.json()["issuer"] is None
    body = {"tenant_id": tenant_id}
    refused = await browser.http.post("/v1/sign-in", json=body, headers=OWN_PAGE)
    assert (refused.status_code, refused.json()["code"]) == (401, "sign_in_failed")


@pytest.mark.parametrize(
    "issuer_given",
    [
        "http://127.0.0.1:9",
        "http://id.invalid",
        "http://169.254.169.254",
        "https://10.0.0.1",
        "https://[::ffff:10.0.0.1]",
        "http://[",
        "https://id.example:port",
    ],
)
async def test_a_provider_that_is_down_internal_or_without_tls_fails_plainly(
    browser: Browser, services: Services, tenant_id: str, issuer_given: str
) -> None:
    sign_in = {"sign_in": {"issuer": issuer_given, "client_id": "x"}}
    await services.tenants.change(tenant_id, tenant_id, settings=sign_in)
    body = {"tenant_id": tenant_id}
    refused = await browser.http.post("/v1/sign-in", json=body, headers=OWN_PAGE)
    assert (refused.status_code, refused.json()["code"]) == (401, "sign_in_failed")
