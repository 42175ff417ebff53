"""Terminal, Markdown, JUnit and HTML: pure functions from a verdict or a record to text.

Leaves every decision to `gate`.
"""
