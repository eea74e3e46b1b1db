"""The WSGI application for servers that leave the headers of the proxy to it: exactly one proxy stands in front."""

from werkzeug.middleware.proxy_fix import ProxyFix

from wsgi import app

app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
