"""The learning record: events, lessons, people, policy and the store. Imports nothing of ours."""
