"""Tells people by e-mail that a webhook was disabled."""

from __future__ import annotations

import logging

from lessons.errors import NotFound
from lessons.store import Database
from lessons.store.tenants import TenantStore
from lessons.store.webhook_lanes import Waiting, WebhookLanes
from lessons.store.webhooks import Webhook, WebhookStore
from serving.mail import Mailer

logger = logging.getLogger(__name__)


class WebhookNotices:
    """Writes to a webhook's own contact, else to the tenant's administrators."""

    def __init__(self, database: Database, mailer: Mailer, public_url: str) -> None:
        self._webhooks = WebhookStore(database)
        self._lanes = WebhookLanes(database)
        self._tenants = TenantStore(database)
        self._mailer = mailer
        self._public_url = public_url

    async def tell_of_disabled_webhook(self, tenant_id: str, webhook_id: str) -> None:
        """Send the e-mail, unless the webhook was enabled again or deleted meanwhile.

        Raises:
            Unavailable: it could not be sent; try again later.
        """
        try:
            webhook = await self._webhooks.get(tenant_id, webhook_id)
        except NotFound:
            return
        if webhook.status != "disabled":
            return
        to = await self._webhooks.recipients(webhook)
        if not to or not self._mailer.can_send:
            logger.warning("webhook %s is disabled, and nobody can be told by e-mail", webhook_id)
            return
        settings = await self._tenants.settings(tenant_id)
        waiting = await self._lanes.waiting(tenant_id, webhook_id)
        subject = f"{settings.brand.name}: a webhook was disabled"
        await self._mailer.send(settings.brand, to, subject, self._text(webhook, waiting))

    def _text(self, webhook: Webhook, waiting: Waiting) -> str:
        since = f"{webhook.failing_since:%Y-%m-%d %H:%M} UTC" if webhook.failing_since else "?"
        return (
            f"The webhook {webhook.id} to {webhook.url} gets no more events.\n\n"
            f"Every delivery since {since} has failed. The last answer was: "
            f"{webhook.disabled_reason}\n\n"
            f"Nothing is lost: {waiting.events} events wait, and later ones stay in the record. "
            "Once the receiver works again, enable the webhook and they are delivered:\n\n"
            f'  PATCH {self._public_url}/v1/webhooks/{webhook.id}  {{"status": "enabled"}}\n\n'
            f"Its delivery log: {self._public_url}/v1/webhooks/{webhook.id}/deliveries\n"
        )
