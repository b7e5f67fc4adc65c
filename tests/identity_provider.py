"""A real OpenID provider in a process of its own: Django OAuth Toolkit, with two people.

Run it with the client's redirect address; it prints its issuer on standard output when it listens,
and ends with its standard input.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socketserver import ThreadingMixIn
from tempfile import TemporaryDirectory
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

CLIENT_ID = "lectern"
CLIENT_SECRET = "a client's secret: with % and + in it"
PASSWORD = "correct horse battery staple"
ISSUER_PATH = "/o"
LOGIN_PAGE = """<!doctype html><title>Sign in</title>
<form method="post">{% csrf_token %}{{ form.as_p }}
<input type="hidden" name="next" value="{{ next }}"><button>Sign in</button></form>
"""


@dataclass(frozen=True)
class Account:
    """Somebody at the provider."""

    user_name: str
    first_name: str
    last_name: str
    email: str
    email_verified: bool

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


ADA = Account("ada", "Ada", "Lovelace", "ada@school.example", email_verified=True)
EVE = Account("eve", "Eve", "Ill", "ada@school.example", email_verified=False)
"""Says that she has Ada's address, which the provider has not verified."""
ACCOUNTS = (ADA, EVE)


@contextmanager
def identity_provider(redirect_uri: str) -> Iterator[str]:
    """Run a provider for as long as the block lasts; yields its issuer."""
    command = [sys.executable, __file__, redirect_uri]
    with (
        TemporaryDirectory(prefix="lectern-provider-") as folder,
        subprocess.Popen(
            command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process,
    ):
        try:
            assert process.stdout is not None
            issuer = process.stdout.readline().strip()
            assert issuer.startswith("http"), "the provider did not start"
            yield issuer
        finally:
            process.kill()


class ThreadingServer(ThreadingMixIn, WSGIServer):
    """Answers several requests at once."""

    daemon_threads = True


class QuietHandler(WSGIRequestHandler):
    """Writes no log."""

    def log_message(self, *_: object) -> None:
        """Keep still."""


def serve(redirect_uri: str) -> None:
    """Be the provider."""
    from django.conf import settings

    settings.configure(**django_settings())

    import django

    django.setup()
    install_pages_and_claims()

    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application

    call_command("migrate", verbosity=0)
    fill(redirect_uri)
    server = make_server("127.0.0.1", 0, get_wsgi_application(), ThreadingServer, QuietHandler)
    threading.Thread(target=end_with_parent, daemon=True).start()
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}{ISSUER_PATH}\n")
    sys.stdout.flush()
    server.serve_forever()


def django_settings() -> dict[str, object]:
    """What Django has to know."""
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    key = generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return {
        "SECRET_KEY": os.urandom(32).hex(),
        "ALLOWED_HOSTS": ["127.0.0.1"],
        "LOGIN_URL": "/login/",
        "USE_TZ": True,
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "DATABASES": {
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": Path.cwd() / "provider"}
        },
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
        "INSTALLED_APPS": [
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            "oauth2_provider",
        ],
        "MIDDLEWARE": [
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "loaders": [
                        ("django.template.loaders.locmem.Loader", {"login.html": LOGIN_PAGE}),
                        "django.template.loaders.app_directories.Loader",
                    ],
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                    ],
                },
            }
        ],
        "OAUTH2_PROVIDER": {
            "OIDC_ENABLED": True,
            "OIDC_RSA_PRIVATE_KEY": pem,
            "OIDC_RP_INITIATED_LOGOUT_ENABLED": True,
            "PKCE_REQUIRED": True,
            "ALLOWED_REDIRECT_URI_SCHEMES": ["http"],
            "SCOPES": {"openid": "Who you are", "profile": "Your name", "email": "Your address"},
        },
    }


def install_pages_and_claims() -> None:
    """Give the provider its addresses and what it says of people."""
    from django.conf import settings
    from django.contrib.auth.views import LoginView
    from django.urls import include, path
    from oauth2_provider.oauth2_validators import OAuth2Validator

    class Claims(OAuth2Validator):  # type: ignore[misc]
        def get_additional_claims(self, request: Any) -> dict[str, object]:
            account = next(one for one in ACCOUNTS if one.user_name == request.user.username)
            return {
                "sub": account.user_name,
                "name": account.name,
                "email": account.email,
                "email_verified": account.email_verified,
            }

    settings.OAUTH2_PROVIDER["OAUTH2_VALIDATOR_CLASS"] = Claims
    settings.ROOT_URLCONF = (
        path("login/", LoginView.as_view(template_name="login.html")),
        path(f"{ISSUER_PATH[1:]}/", include("oauth2_provider.urls")),
    )


def fill(redirect_uri: str) -> None:
    """Put the people and the client into the provider."""
    from django.contrib.auth.models import User
    from oauth2_provider.models import Application

    for one in ACCOUNTS:
        User.objects.create_user(
            one.user_name,
            one.email,
            PASSWORD,
            first_name=one.first_name,
            last_name=one.last_name,
        )
    Application.objects.create(
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        name="Lectern",
        redirect_uris=redirect_uri,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        algorithm=Application.RS256_ALGORITHM,
    )


def end_with_parent() -> None:
    """End when whoever started the provider is gone."""
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    serve(sys.argv[1])
