"""What requests may say and what answers say, as the OpenAPI document tells it."""
