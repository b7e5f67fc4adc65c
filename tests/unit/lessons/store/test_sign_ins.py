"""Sign-ins and the identities behind them: who comes in, for how long, and as whom."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from lessons.errors import NotAuthenticated, NotFound, WrongCredential
from lessons.identifiers import new_id
from lessons.records import Person
from lessons.store import Database
from lessons.store.identities import NAMELESS, Identity, IdentityStore
from lessons.store.people import PeopleStore
from lessons.store.sign_ins import SignInStore

ISSUER = "https://id.example"


@pytest.fixture
def people(database: Database) -> PeopleStore:
    return PeopleStore(database)


@pytest.fixture
def sign_ins(database: Database) -> SignInStore:
    return SignInStore(database)


@pytest.fixture
def identities(database: Database) -> IdentityStore:
    return IdentityStore(database)


@pytest.fixture
async def ada(people: PeopleStore, tenant_id: str) -> Person:
    return await people.create(tenant_id, "Ada", email="ada@school.example")


class TestSignIns:
    async def test_the_proof_says_who_it_is(
        self, sign_ins: SignInStore, tenant_id: str, ada: Person
    ) -> None:
        begun, proof = await sign_ins.begin(tenant_id, ada.id)
        credential = await sign_ins.authenticate(proof)
        assert (credential.kind, credential.tenant_id) == ("person", tenant_id)
        assert (credential.person_id, credential.name) == (ada.id, "Ada")
        assert (credential.token_id, credential.expires_at) == (begun.id, begun.expires_at)

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE sign_ins SET expires_at = now()",
            "UPDATE sign_ins SET last_used_at = now() - interval '4 hours 1 second'",
            "UPDATE sign_ins SET ended_at = now()",
            "UPDATE people SET erased_at = now()",
        ],
    )
    async def test_it_ends_by_time_by_idleness_and_with_the_person(
        self, sign_ins: SignInStore, database: Database, tenant_id: str, ada: Person, change: str
    ) -> None:
        _, proof = await sign_ins.begin(tenant_id, ada.id)
        async with database.transaction(tenant_id) as connection:
            await connection.execute(text(change))
        with pytest.raises(NotAuthenticated) as refused:
            await sign_ins.authenticate(proof)
        assert not isinstance(refused.value, WrongCredential)
        assert change.startswith("UPDATE people") or not await sign_ins.list_current(
            tenant_id, ada.id
        )

    async def test_use_keeps_it_from_being_idle(
        self, sign_ins: SignInStore, database: Database, tenant_id: str, ada: Person
    ) -> None:
        _, proof = await sign_ins.begin(tenant_id, ada.id)
        async with database.transaction(tenant_id) as connection:
            earlier = "UPDATE sign_ins SET last_used_at = now() - interval '3 hours'"
            await connection.execute(text(earlier))
        before = (await sign_ins.list_current(tenant_id, ada.id))[0].last_used_at
        await sign_ins.authenticate(proof)
        assert (await sign_ins.list_current(tenant_id, ada.id))[0].last_used_at > before

    async def test_only_the_secret_and_the_tenant_that_belong_to_it_let_in(
        self, sign_ins: SignInStore, tenant_id: str, ada: Person
    ) -> None:
        _, proof = await sign_ins.begin(tenant_id, ada.id)
        last = "0" if proof[-1] != "0" else "1"
        for forged in (
            proof[:-1] + last,
            proof.replace(tenant_id, new_id("ten")),
            proof.removeprefix("ls_"),
            "ls_..",
            "ls_a\0.b.c",
        ):
            with pytest.raises(WrongCredential):
                await sign_ins.authenticate(forged)

    async def test_a_person_ends_only_their_own(
        self, sign_ins: SignInStore, people: PeopleStore, tenant_id: str, ada: Person
    ) -> None:
        other = await people.create(tenant_id, "Ben")
        begun, proof = await sign_ins.begin(tenant_id, ada.id)
        with pytest.raises(NotFound):
            await sign_ins.end(tenant_id, other.id, begun.id)
        assert await sign_ins.end_all(tenant_id, other.id) == 0
        await sign_ins.authenticate(proof)

    async def test_the_secret_is_not_stored(
        self, sign_ins: SignInStore, database: Database, tenant_id: str, ada: Person
    ) -> None:
        _, proof = await sign_ins.begin(tenant_id, ada.id)
        async with database.transaction(tenant_id) as connection:
            row = await connection.scalar(text("SELECT row_to_json(sign_ins)::text FROM sign_ins"))
        assert proof.rpartition(".")[2] not in str(row)


class TestIdentities:
    async def test_the_first_time_makes_a_person_and_the_next_finds_them(
        self, identities: IdentityStore, people: PeopleStore, tenant_id: str
    ) -> None:
        identity = Identity(issuer=ISSUER, subject="s1", name="Ada Lovelace")
        person_id = await identities.person_of(tenant_id, identity)
        assert await identities.person_of(tenant_id, identity) == person_id
        assert (await people.get(tenant_id, person_id)).name == "Ada Lovelace"
        assert await people.assignments(tenant_id, person_id) == []

    async def test_a_verified_address_links_one_account_of_the_provider_and_no_second(
        self, identities: IdentityStore, tenant_id: str, ada: Person
    ) -> None:
        first = Identity(issuer=ISSUER, subject="s1", email="ADA@school.example")
        second = first.model_copy(update={"subject": "s2"})
        assert await identities.person_of(tenant_id, first) == ada.id
        assert await identities.person_of(tenant_id, second) != ada.id
        moved = first.model_copy(update={"issuer": "https://new.example", "subject": "x"})
        assert await identities.person_of(tenant_id, moved) == ada.id

    async def test_an_address_of_two_people_links_neither(
        self, identities: IdentityStore, people: PeopleStore, tenant_id: str, ada: Person
    ) -> None:
        other = await people.create(tenant_id, "Ada's mother", email=ada.email)
        identity = Identity(issuer=ISSUER, subject="s1", email=ada.email)
        assert await identities.person_of(tenant_id, identity) not in (ada.id, other.id)

    async def test_the_platforms_name_for_somebody_is_no_subject(
        self, identities: IdentityStore, people: PeopleStore, tenant_id: str
    ) -> None:
        known = await people.create(tenant_id, "Ada", external_id="17")
        made = await identities.person_of(tenant_id, Identity(issuer=ISSUER, subject="17"))
        assert made != known.id
        assert (await people.get(tenant_id, made)).name == NAMELESS

    async def test_one_subject_is_somebody_else_at_each_provider_and_tenant(
        self, identities: IdentityStore, tenant_id: str
    ) -> None:
        here = Identity(issuer=ISSUER, subject="s1")
        there = Identity(issuer="https://evil.example", subject="s1")
        made = {
            await identities.person_of(tenant_id, here),
            await identities.person_of(tenant_id, there),
            await identities.person_of(new_id("ten"), here),
        }
        assert len(made) == 3

    async def test_two_first_times_at_once_are_one_person(
        self, identities: IdentityStore, people: PeopleStore, tenant_id: str
    ) -> None:
        identity = Identity(issuer=ISSUER, subject="s1", name="Ada")
        made = await asyncio.gather(*(identities.person_of(tenant_id, identity) for _ in range(6)))
        assert len(set(made)) == 1
        assert len(await people.list_people(tenant_id)) == 1

    async def test_who_was_erased_does_not_come_back(
        self, identities: IdentityStore, database: Database, tenant_id: str
    ) -> None:
        identity = Identity(issuer=ISSUER, subject="s1", name="Ada")
        await identities.person_of(tenant_id, identity)
        async with database.transaction(tenant_id) as connection:
            await connection.execute(text("UPDATE people SET erased_at = now()"))
        with pytest.raises(NotAuthenticated):
            await identities.person_of(tenant_id, identity)
