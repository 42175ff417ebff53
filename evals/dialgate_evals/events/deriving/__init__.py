"""From reviewers' decisions to cases: claims, pseudonyms, merging, what is set aside.

Pure: leaves reading events, the key and writing files to `dialgate`.
"""
