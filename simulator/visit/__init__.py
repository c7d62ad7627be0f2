"""Scripted visits: one citizen at a real terminal, through real processes and real ports."""
