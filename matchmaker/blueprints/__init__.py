"""The web edge: the only place that knows requests, forms and templates."""
