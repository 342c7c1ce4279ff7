"""Text to mentions: spaCy splits and marks, MiniLM and trained heads judge.

sentences   Document -> Sentence
narratives  definitions from narratives.toml
lexicon     phrases found in a sentence
device      CPU or GPU, decided once
encoder     sentence -> vector
heads       vectors and phrases -> judgements
attribution which words added what to a logit
carrying    the stretches of words worth showing
nearest     the training sentence a sentence reads like
explain     SentenceScore with what carried it
scorer      Document -> SentenceScore
"""
