"""Music engines, one module each; pipelines.compose.ENGINES names them."""
