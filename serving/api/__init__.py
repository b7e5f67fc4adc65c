"""The public API, one noun per module. Routers only: rules live in `lessons`, wiring in gateway."""
