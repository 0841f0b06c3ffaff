"""The vocabulary: types, audio, features, models, runtime, fit. Imports nothing else of ours."""
