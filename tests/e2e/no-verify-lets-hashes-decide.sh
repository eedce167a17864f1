# Without a closer look, hashes alone decide, and nothing else is called the
# same image.
photo photos/a.jpg 7
photo photos/b.jpg 7 --size 80x60
report photos
expect '.groups[0].kind == "same-image" and .settings.verify'
report --no-verify photos
expect '.groups[0].kind == "similar" and (.settings.verify | not)'
expect '.settings.similarity_threshold == 5'
expect '.settings.hash_methods == ["dhash", "ahash"]'
