"""What a visit is made of, as OpenTelemetry spans, where a collector is set up (`fleet.traces`)."""
