"""The REST API and the web page (extra `serve`): FastAPI over one `Predictor`."""
