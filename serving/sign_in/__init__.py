"""Signing in at a tenant's own OpenID provider (OpenID Connect Core 1.0, code flow with PKCE)."""
