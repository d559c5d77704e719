"""A running Superset and what a script does with it over REST. Nothing here asserts anything."""

from __future__ import annotations

import io
import json
import os
import secrets
import subprocess
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from servers import free_port

from orchestration.settings import PROJECT

ROOM = PROJECT / "var" / "bi"
HERE = Path(__file__).parent
BUNDLE = PROJECT / "deploy" / "superset"
PLACE = "duckdb:////path/to/warehouse.duckdb"  # what stands in the bundle for the file's own address
READ_ONLY = {"engine_params": {"connect_args": {"read_only": True}}}
USER, PASSWORD = "admin", secrets.token_urlsafe(12)


@dataclass(frozen=True)
class Superset:
    """A running Superset, logged in."""

    url: str
    http: httpx.Client

    def call(self, method: str, path: str, **keys: Any) -> Any:
        """The answer of the REST API, or its complaint as an error."""
        answer = self.http.request(method, f"/api/v1/{path}", **keys)
        if answer.is_error:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:2000]}")
        return answer.json() if "json" in answer.headers["content-type"] else answer.content

    def database(self, file: Path) -> int:
        """Register a published file, read-only."""
        body = {
            "database_name": "Beslag",
            "sqlalchemy_uri": f"duckdb:///{file}",
            "extra": json.dumps(READ_ONLY),
        }
        return int(self.call("POST", "database/", json=body)["id"])

    def dataset(self, database: int, schema: str, table: str) -> int:
        """Make a dataset of a table."""
        body = {"database": database, "schema": schema, "table_name": table}
        return int(self.call("POST", "dataset/", json=body)["id"])

    def chart(self, dataset: int, name: str, params: dict[str, Any], query: dict[str, Any]) -> int:
        """Make a chart."""
        source = {"id": dataset, "type": "table"}
        whole = {"datasource": source, "queries": [query], "result_format": "json", "result_type": "full"}
        body = {
            "slice_name": name, "viz_type": params["viz_type"], "datasource_id": dataset, "datasource_type": "table",
            "params": json.dumps({**params, "datasource": f"{dataset}__table"}), "query_context": json.dumps(whole),
        }  # fmt: skip
        return int(self.call("POST", "chart/", json=body)["id"])

    def rows(self, chart: int) -> list[dict[str, Any]]:
        """The data of a chart, as its viewers get them."""
        return list(self.call("GET", f"chart/{chart}/data/")["result"][0]["data"])

    def dashboard(self, title: str, charts: dict[int, str]) -> int:
        """Make a dashboard of charts, two in a row."""
        body = {
            "dashboard_title": title,
            "slug": title.lower(),
            "published": True,
            "position_json": json.dumps(_grid(charts)),
        }
        made = int(self.call("POST", "dashboard/", json=body)["id"])
        for chart in charts:
            self.call("PUT", f"chart/{chart}", json={"dashboards": [made]})
        return made

    def bundle(self, dashboard: int) -> dict[str, str]:
        """A dashboard with all it needs, as files."""
        packed = self.call("GET", f"dashboard/export/?q=!({dashboard})")
        with zipfile.ZipFile(io.BytesIO(packed)) as files:
            return {name.partition("/")[2]: files.read(name).decode() for name in files.namelist()}

    def take_bundle(self, folder: Path, file: Path) -> None:
        """Import the bundle that ships, pointed to a published file."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as files:
            for path in sorted(folder.rglob("*.yaml")):
                text = path.read_text("utf-8").replace(PLACE, f"duckdb:///{file}")
                files.writestr(f"beslag/{path.relative_to(folder)}", text)
        form = {"formData": ("bundle.zip", packed.getvalue(), "application/zip")}
        self.call("POST", "dashboard/import/", files=form, data={"overwrite": "true"})


@contextmanager
def superset(home: Path) -> Iterator[Superset]:
    """Superset with an empty SQLite file, on loopback, gone at the end."""
    room = ROOM / "requirements" / "bin"
    environment = {
        **os.environ, "SUPERSET_HOME": str(home), "SUPERSET_CONFIG_PATH": str(HERE / "superset_config.py"),
        "BESLAG_BI_SECRET": secrets.token_hex(32), "FLASK_APP": "superset", "PYTHONPATH": "",
    }  # fmt: skip
    names = [
        "--username",
        USER,
        "--password",
        PASSWORD,
        "--firstname",
        "A",
        "--lastname",
        "B",
        "--email",
        "a@example.org",
    ]
    log = (home / "log").open("w")
    for arguments in (["db", "upgrade"], ["init"], ["fab", "create-admin", *names]):
        subprocess.run([room / "superset", *arguments], check=True, env=environment, stdout=log, stderr=log)
    port = free_port()
    command = [room / "superset", "run", "-h", "127.0.0.1", "-p", str(port), "--with-threads"]
    with subprocess.Popen(command, env=environment, stdout=log, stderr=log) as process:
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120, trust_env=False) as http:
                _until_healthy(http, process)
                body = {"username": USER, "password": PASSWORD, "provider": "db"}
                token = http.post("/api/v1/security/login", json=body).json()["access_token"]
                http.headers["Authorization"] = f"Bearer {token}"
                yield Superset(f"http://127.0.0.1:{port}", http)
        finally:
            process.terminate()
            log.close()


def _until_healthy(http: httpx.Client, process: subprocess.Popen[bytes], seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if http.get("/health").text == "OK":
                return
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise RuntimeError("Superset does not answer; its log is in its home.")


def _grid(charts: dict[int, str]) -> dict[str, Any]:
    rows = [list(charts.items())[i : i + 2] for i in range(0, len(charts), 2)]
    grid: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "parents": ["ROOT_ID"], "children": [f"ROW-{n}" for n in range(len(rows))]},
    }  # fmt: skip
    for n, row in enumerate(rows):
        parents = ["ROOT_ID", "GRID_ID"]
        meta = {"background": "BACKGROUND_TRANSPARENT"}
        grid[f"ROW-{n}"] = {"type": "ROW", "id": f"ROW-{n}", "parents": parents, "meta": meta,
                            "children": [f"CHART-{c}" for c, _ in row]}  # fmt: skip
        for chart, name in row:
            grid[f"CHART-{chart}"] = {
                "type": "CHART", "id": f"CHART-{chart}", "children": [], "parents": [*parents, f"ROW-{n}"],
                "meta": {"chartId": chart, "width": 6, "height": 50, "sliceName": name},
            }  # fmt: skip
    return grid
