"""What companies offer: themes, regions, resources, refusals, expiry."""
