"""Processes, API and the Ray Serve application. The only folder that knows Ray and FastAPI."""
