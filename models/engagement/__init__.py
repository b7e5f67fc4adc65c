"""From a learner's windows to what they are seen doing: probabilities first, then judgements."""
