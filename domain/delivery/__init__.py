"""From a queued notification to delivered, dead or cancelled."""
