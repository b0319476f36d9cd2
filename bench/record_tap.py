"""Runs pip with a tap: every index page that pip itself receives is also written to a folder.

Usage: record_tap.py FOLDER PIP-ARGUMENTS...
"""

import hashlib
import json
import os
import sys

from pip._internal.cli.main import main
from pip._internal.network.session import PipSession

folder = sys.argv[1]
pip_request = PipSession.request


def request(self, method, url, *args, **kwargs):
    response = pip_request(self, method, url, *args, **kwargs)
    kind = response.headers.get("Content-Type", "").split(";")[0].strip().lower()
    page = kind == "text/html" or (kind.startswith("application/vnd.pypi.simple.") and kind.endswith(("+json", "+html")))
    if method == "GET" and response.status_code == 200 and page and not kwargs.get("stream"):
        name = hashlib.sha256(response.url.encode()).hexdigest()[:16]
        with open(os.path.join(folder, name), "wb") as body:
            body.write(response.content)
        with open(os.path.join(folder, name + ".about"), "w") as about:
            json.dump({"url": response.url, "type": kind}, about)
    return response


PipSession.request = request
sys.exit(main(sys.argv[2:]))
