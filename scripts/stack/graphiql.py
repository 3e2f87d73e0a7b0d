"""The files of the GraphiQL page, installed from npm and laid flat in one folder for the gateway to serve.

Only that page needs them: without npm everything else works.
"""

import shutil
from pathlib import Path

from scripts.engines.once import fingerprint, make_once, run_tool
from scripts.engines.places import CHECKOUT
from scripts.engines.progress import Say

DEFINITION = CHECKOUT / "scripts" / "graphiql"
NEEDS_NPM = "npm is missing, so there is no GraphiQL page: apt-get install npm (it comes with https://nodejs.org)"
FILES = {
    "react.js": "react/umd/react.production.min.js",
    "react-dom.js": "react-dom/umd/react-dom.production.min.js",
    "graphiql.js": "graphiql/graphiql.min.js",
    "graphiql.css": "graphiql/graphiql.min.css",
    "explorer.js": "@graphiql/plugin-explorer/dist/index.umd.js",
    "explorer.css": "@graphiql/plugin-explorer/dist/style.css",
}


def provision(cache: Path, tell: Say) -> Path:
    """The folder with `FILES`. Raises EngineError when npm is missing or fails."""

    def fill(folder: Path) -> None:
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(DEFINITION / name, folder / name)
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        run_tool(["npm", "ci", *options], cwd=folder, needs=NEEDS_NPM)
        for name, source in FILES.items():
            shutil.copy(folder / "node_modules" / source, folder / name)
        shutil.rmtree(folder / "node_modules")

    target = cache / f"graphiql-{fingerprint(DEFINITION / 'package-lock.json')}"
    return make_once(target, "GraphiQL: fetching its files (once)", fill, tell)
