"""Acceptance: the steps of QA's feature files, the terminal they act on, and the pytest plugin around both."""
