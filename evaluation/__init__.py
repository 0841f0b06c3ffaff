"""The proof: metrics, reports and benchmarks. Never imported by the app."""
