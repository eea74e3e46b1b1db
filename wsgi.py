"""The WSGI application."""

from matchmaker.app import create_app

app = create_app()
