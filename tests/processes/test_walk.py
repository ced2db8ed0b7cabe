"""The walk by hand with the real commands: two nodes, a record, its evidence; each exit code as the help says."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.cli.addresses import free_addresses

ROOT = Path(__file__).parents[2]
GATEWAY = [sys.executable, "-m", "gateway"]
EXAMPLE = str(ROOT / "docs" / "examples" / "record.json")
AGREEMENT = str(ROOT / "docs" / "examples" / "agreement-cn-nl.toml")
SECONDS = 150


def gateway(*words: str | Path, given: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*GATEWAY, *map(str, words)], input=given, capture_output=True, text=True, check=False, timeout=SECONDS
    )


def good(*words: str | Path) -> str:
    done = gateway(*words)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """NL, whose clients show tokens, and CN, whose clients show certificates; both serve."""
    place = tmp_path_factory.mktemp("walk")
    nl, cn = place / "nl", place / "cn"
    addresses = iter(free_addresses(6))
    for home, authentication in ((nl, "token"), (cn, "certificate")):
        ports = [word for port in ("--peer", "--national", "--operations") for word in (port, next(addresses))]
        good("init", home, *ports, "--authentication", authentication)
    good("introduce", nl, cn, "--agreement", AGREEMENT)
    command = [*GATEWAY, "serve", "--json", "--log-level", "warning", str(nl), str(cn)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as serving:
        assert serving.stdout is not None
        ready = {json.loads(serving.stdout.readline())["administration"] for _ in range(2)}
        assert ready == {"NL", "CN"}
        yield nl, cn
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(SECONDS) == 0


def test_a_record_travels_and_is_proven(nodes: tuple[Path, Path], tmp_path: Path) -> None:
    nl, cn = nodes
    submitted = json.loads(good("submit", "--home", cn, "--json", EXAMPLE))
    assert submitted["releases"][0]["withheld"] == ["inspection_outcome.officer_ref"]
    watched = good("watch", "--home", nl, "--count", "1", "--json", "--evidence", tmp_path, "--resume", tmp_path / "at")
    assert json.loads(watched)["record"]["header"]["record_id"] == submitted["record_id"]
    (bundle,) = tmp_path.glob("*.zip")
    assert gateway("evidence", "verify", bundle).returncode == 3
    assert "PROVEN" in good("evidence", "verify", bundle, "--trust", nl)
    digests = [json.loads(good("descriptor", "show", "--home", home, "--json"))["digest"] for home in nodes]
    one, other = ("--descriptor", digests[0]), ("--descriptor", digests[1])
    assert gateway("evidence", "verify", bundle, *one).returncode == 3
    assert gateway("evidence", "verify", bundle, *one, *other).returncode == 0
    shown = json.loads(good("show", submitted["record_id"], "--home", cn, "--json"))
    assert shown["deliveries"][0]["partner"] == "NL"
    again = json.loads(good("submit", "--home", cn, "--json", EXAMPLE))
    resumed = good("watch", "--home", nl, "--count", "1", "--json", "--resume", tmp_path / "at")
    assert json.loads(resumed)["record"]["header"]["record_id"] == again["record_id"]


def test_trust_is_read_from_running_nodes(nodes: tuple[Path, Path]) -> None:
    nl, cn = nodes
    assert json.loads(good("partner", "list", "--home", nl, "--json"))["administration"] == "CN"
    assert json.loads(good("partner", "show", "NL", "--home", cn, "--json"))["administration"] == "NL"
    assert json.loads(good("agreement", "list", "--home", cn, "--json"))["id"] == "cn-nl-security"


def test_refusals_name_line_reason_and_fields(nodes: tuple[Path, Path]) -> None:
    bad = {
        "header": {"purpose": "PURPOSE_SECURITY_RISK", "subject": {"control_id": "c"}},
        "inspection_outcome": {"control_id": "c"},
    }
    done = gateway(
        "submit",
        "--home",
        nodes[1],
        "-",
        given=f"{Path(EXAMPLE).read_text('utf-8').replace(chr(10), '')}\n{json.dumps(bad)}\n",
    )
    assert done.returncode == 1
    assert "✗ RECORD_INVALID: line 2" in done.stderr
    assert "inspection_outcome.conclusion: " in done.stderr
    assert done.stdout.count("✓") == 1


def test_links_and_many_records(nodes: tuple[Path, Path], tmp_path: Path) -> None:
    nl, cn = nodes
    file = tmp_path / "many.jsonl"
    subprocess.run(
        [sys.executable, "-m", "mock_partners", "generate", "--count", "1200", "--issuer", "CN", "--out", str(file)],
        check=True,
        capture_output=True,
    )
    assert "1,200 of 1,200 records" in good("submit", "--home", cn, file)
    repeated = good("submit", "--home", cn, file)
    assert "1,200 of 1,200 records" in repeated
    ids = {
        json.loads(line)["record"]["header"]["record_id"]
        for line in good("watch", "--home", nl, "--count", "1200", "--json").splitlines()
    }
    assert len(ids) == 1200
    (link,) = [json.loads(line) for line in good("links", "--home", cn, "--json").splitlines()]
    assert (link["partner"], link["state"]) == ("NL", "LINK_STATE_OPEN")
