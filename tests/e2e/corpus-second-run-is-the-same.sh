# A second run over the corpus reads nothing and reports the same.
report_corpus
result report.json >first
report_corpus
result report.json >second
same first second
expect '.stats.files_hashed == 0 and .stats.bytes_read == 0'
