"""How well a lesson's captions serve those who rely on them: arithmetic on events, no more."""
