"""What the gateway's operations work with: the stores, the feed and one HTTP client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

import httpx
from fastapi import Depends
from fastapi.requests import HTTPConnection

from integrations.address_guard import AddressGuard
from integrations.webhooks.sender import WebhookSender
from lessons.store import Database, Ledger, LessonStore, LiveFeed
from lessons.store.aggregates import AggregateStore
from lessons.store.api_keys import ApiKeyStore
from lessons.store.audit import AuditStore
from lessons.store.caption_corrections import CaptionCorrections
from lessons.store.caption_outputs import CaptionOutputStore
from lessons.store.caption_records import CaptionRecords
from lessons.store.commits import CommitLog
from lessons.store.consent_changes import ConsentChanges
from lessons.store.consents import ConsentStore
from lessons.store.contracts import ContractStore
from lessons.store.course_history import CourseHistory
from lessons.store.courses import CourseStore
from lessons.store.credentials import CredentialStore
from lessons.store.curricula import CurriculumStore
from lessons.store.disclosures import DisclosureLog
from lessons.store.domains import DomainStore
from lessons.store.engagement import EngagementStore
from lessons.store.erasure import ErasureStore
from lessons.store.identities import IdentityStore
from lessons.store.learning_record_reading import LearningRecordReader
from lessons.store.masking import MaskingRules
from lessons.store.objectives import ObjectiveStore
from lessons.store.participant_tokens import ParticipantTokenStore
from lessons.store.people import PeopleStore
from lessons.store.personal_record import PersonalRecords
from lessons.store.recordings import RecordingStore
from lessons.store.retention import RetentionStore
from lessons.store.sign_ins import SignInStore
from lessons.store.standing import StandingStore
from lessons.store.takeovers import LessonTakeovers
from lessons.store.tenants import TenantStore
from lessons.store.tracks import TrackStore
from lessons.store.vocabulary import VocabularyStore
from lessons.store.webhook_deliveries import DeliveryLog
from lessons.store.webhook_lanes import WebhookLanes
from lessons.store.webhooks import WebhookStore
from lessons.store.workers import WorkerStore
from models.mastery.tracing import mastery_model
from serving.captioning.client import CaptionClient
from serving.compatible.places import FILES_AT_ONCE, STREAMS_AT_ONCE, Places
from serving.database import open_database
from serving.jobs.queue import JobQueue
from serving.learning.estimates import LearningRecord
from serving.observability.caption_traces import CaptionTraces, open_traces
from serving.observability.gateway_metrics import GatewayMetrics
from serving.observability.store_metrics import show_pool
from serving.settings import Settings
from serving.sign_in.flow import SignInFlow
from serving.sign_in.provider import Providers
from serving.web.credential_watch import CredentialWatch
from serving.web.display_reports import DisplayReports
from serving.web.fan_out import FanOut
from serving.web.guessing import GuessGuard
from serving.web.rate_limits import RateLimits

INTERNAL_TIMEOUT = httpx.Timeout(15.0, connect=2.0)
"""Seconds for one call to an ingest worker: its answer waits for bounded ICE gathering."""


@dataclass(frozen=True, slots=True)
class Services:
    """Everything an operation may use. All of it is shared by the requests of one process."""

    settings: Settings
    token_secret: str
    database: Database
    lessons: LessonStore
    tracks: TrackStore
    workers: WorkerStore
    ledger: Ledger
    caption_corrections: CaptionCorrections
    caption_records: CaptionRecords
    takeovers: LessonTakeovers
    display_reports: DisplayReports
    recordings: RecordingStore
    api_keys: ApiKeyStore
    participant_tokens: ParticipantTokenStore
    sign_ins: SignInStore
    sign_in_flow: SignInFlow
    credential_watch: CredentialWatch
    guess_guard: GuessGuard
    rate_limits: RateLimits
    standing: StandingStore
    curricula: CurriculumStore
    objectives: ObjectiveStore
    courses: CourseStore
    learning_record: LearningRecord
    tenants: TenantStore
    domains: DomainStore
    people: PeopleStore
    contracts: ContractStore
    aggregates: AggregateStore
    consents: ConsentStore
    consent_changes: ConsentChanges
    audit: AuditStore
    disclosures: DisclosureLog
    engagement: EngagementStore
    erasures: ErasureStore
    retention: RetentionStore
    vocabulary: VocabularyStore
    personal_records: PersonalRecords
    feed: LiveFeed
    commits: CommitLog
    fan_out: FanOut
    caption_outputs: CaptionOutputStore
    webhooks: WebhookStore
    webhook_lanes: WebhookLanes
    webhook_deliveries: DeliveryLog
    webhook_sender: WebhookSender
    jobs: JobQueue
    captions: CaptionClient
    speech_streams: Places
    transcribed_files: Places
    http: httpx.AsyncClient
    metrics: GatewayMetrics
    traces: CaptionTraces


@asynccontextmanager
async def open_services(
    settings: Settings, database_url: str, process: str = "gateway"
) -> AsyncIterator[Services]:
    """Open the stores on one database; close them at the end. `process` is its name in traces.

    Raises:
        Unavailable: the database does not answer.
    """
    database = open_database(settings, database_url)
    tenants = TenantStore(database)
    ledger, commits = Ledger(database), CommitLog(database)
    metrics, traces = GatewayMetrics(), open_traces(settings, process)
    show_pool(metrics.registry, database)
    try:
        async with (
            httpx.AsyncClient(timeout=INTERNAL_TIMEOUT, trust_env=False) as http,
            LiveFeed(database_url) as feed,
            FanOut(ledger, commits, feed, MaskingRules(database)) as fan_out,
            DisplayReports(ledger) as display_reports,
            WebhookSender(AddressGuard(settings.webhook_allowed_networks)) as webhook_sender,
            JobQueue(database_url) as jobs,
            CaptionClient(settings.models_url) as captions,
            CredentialWatch(CredentialStore(database)) as credential_watch,
            Providers(AddressGuard(settings.sign_in_allowed_networks)) as providers,
        ):
            yield Services(
                settings=settings,
                token_secret=settings.signing_secret(),
                database=database,
                lessons=LessonStore(database),
                tracks=TrackStore(database),
                workers=WorkerStore(database),
                ledger=ledger,
                caption_corrections=CaptionCorrections(database),
                caption_records=CaptionRecords(database),
                takeovers=LessonTakeovers(database),
                display_reports=display_reports,
                recordings=RecordingStore(database),
                api_keys=ApiKeyStore(database),
                participant_tokens=ParticipantTokenStore(database),
                sign_ins=SignInStore(database),
                sign_in_flow=SignInFlow(tenants, IdentityStore(database), providers),
                credential_watch=credential_watch,
                guess_guard=GuessGuard(),
                rate_limits=RateLimits(tenants, settings.rate_limit_per_minute),
                standing=StandingStore(database),
                curricula=CurriculumStore(database),
                objectives=ObjectiveStore(database),
                courses=CourseStore(database),
                learning_record=_learning_record(database, settings),
                tenants=tenants,
                domains=DomainStore(database),
                people=PeopleStore(database),
                contracts=ContractStore(database),
                aggregates=AggregateStore(database),
                consents=ConsentStore(database),
                consent_changes=ConsentChanges(database),
                audit=AuditStore(database),
                disclosures=DisclosureLog(database),
                engagement=EngagementStore(database),
                erasures=ErasureStore(database),
                retention=RetentionStore(database),
                vocabulary=VocabularyStore(database),
                personal_records=PersonalRecords(database),
                feed=feed,
                commits=commits,
                fan_out=fan_out,
                caption_outputs=CaptionOutputStore(database),
                webhooks=WebhookStore(database),
                webhook_lanes=WebhookLanes(database),
                webhook_deliveries=DeliveryLog(database),
                webhook_sender=webhook_sender,
                jobs=jobs,
                captions=captions,
                speech_streams=Places("streams", STREAMS_AT_ONCE),
                transcribed_files=Places("files", FILES_AT_ONCE),
                http=http,
                metrics=metrics,
                traces=traces,
            )
    finally:
        traces.close()
        await database.dispose()


def _learning_record(database: Database, settings: Settings) -> LearningRecord:
    model = mastery_model(settings.mastery_parameters)
    return LearningRecord(LearningRecordReader(database), CourseHistory(database), model)


async def services_of(connection: HTTPConnection) -> Services:
    """Return the services of the application that this request or WebSocket came to.

    It waits for nothing, but FastAPI would send a plain function through a thread, each time.
    """
    services = connection.app.state.services
    if not isinstance(services, Services):
        raise TypeError("create_app was not given its services")
    return services


ServicesDependency = Annotated[Services, Depends(services_of)]
