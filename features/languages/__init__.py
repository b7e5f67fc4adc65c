"""What is known of a language: its words, numbers and cues, one data file for each language."""
