"""Where work runs: here and now, or in processes. No engine knows what it runs."""
