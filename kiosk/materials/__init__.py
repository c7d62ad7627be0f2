"""What a citizen brings or has elsewhere: plans, scans, checks, uploads, signatures."""
