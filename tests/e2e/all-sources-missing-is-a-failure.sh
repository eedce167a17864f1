# With no source at all there is nothing to report.
exits 1 vam-analyze here there 2>&1
