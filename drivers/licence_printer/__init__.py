"""The licence printer: an A4 laser printer that speaks IPP over HTTP and prints controlled documents."""
