"""All suites below some folders, each as a row of one document."""
