"""Captions in the forms that other systems take: HLS subtitles, Zoom, LiveKit."""
