"""Tests of each device for technicians: declared, run under a deadline, stoppable, recorded; no trace of a citizen.

`declared` says what a test is and what it may use, `table` which there are, `running` runs one, `burn_in` many.
"""
