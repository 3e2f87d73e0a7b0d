"""The federation language: schema documents as data, type references, literals, directives of the specifications.

Pure. Knows the words, not what composition or planning make of them.
"""
