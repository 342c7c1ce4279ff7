"""Narratives as data: a TOML file of the user's makes one, no code.

lines       where in the file a key stands
definition  the file read, every fault named
patterns    regular expressions on RE2
features    layers of the encoder, and counts of phrases
head        what was trained: one safetensors file beside the definition
fit         exemplars, counter-exemplars and background -> head, cross-validated
judge       vectors and hits -> judgements
shelf       which are there, trained or stale
"""
