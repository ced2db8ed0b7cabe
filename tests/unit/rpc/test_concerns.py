"""Each threshold is warned of once; a certificate file that breaks is told at once, and the former one stays in use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from certs.authority import Authority
from gateway.errors import ConfigurationInvalid
from gateway.rpc.concerns import FILES_SECONDS, LOOK_SECONDS, Concerns
from gateway.rpc.servers import TlsIdentity
from gateway.rpc.watched_identity import WatchedIdentity
from gateway.trust.expiry import DAY_SECONDS
from tests.unit.trust.test_expiry import NOW, TrustBook, book  # noqa: F401  a fixture

AUTHORITY = Authority.create("customs.cn.example")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    AUTHORITY.issue_gateway(life=timedelta(days=3000)).write(tmp_path, "gateway")
    return tmp_path


def watched(files: Path) -> WatchedIdentity:
    def read() -> TlsIdentity:
        return TlsIdentity((files / "gateway.key").read_bytes(), (files / "gateway.pem").read_bytes())

    return WatchedIdentity("gateway certificate", read)


async def test_each_threshold_is_warned_of_once(book: TrustBook, files: Path) -> None:  # noqa: F811
    structlog.reset_defaults()
    concerns = Concerns(book=lambda: book, identities=[watched(files)])
    told: list[tuple[int, int]] = []
    for hour in range(31 * 24):
        with capture_logs() as logged:
            for second in (0, 1, LOOK_SECONDS + 1):
                await concerns.tick(NOW + hour * 3600 + second)
        mine = [each for each in logged if "last log key" in each.get("detail", "") and "CN" in each["detail"]]
        told += [(hour // 24, each["days"]) for each in mine]
    assert told == [(0, 30), (6, 14), (13, 7), (19, 1), (20, 0)]


def test_what_is_of_concern_now(book: TrustBook, files: Path) -> None:  # noqa: F811
    concerns = Concerns(book=lambda: book, identities=[watched(files)])
    first, *others = concerns.present(NOW + 13 * DAY_SECONDS + 3600)
    assert (first.urgent, first.sentence.startswith("CN's agreement cn-nl ends in 23 hours.")) == (True, True)
    assert [each.urgent for each in others] == [False, False]


BREAK: dict[str, Callable[[Path], object]] = {
    "no file": lambda files: (files / "gateway.pem").unlink(),
    "garbage": lambda files: (files / "gateway.pem").write_text("garbage"),
    "half a file": lambda files: (files / "gateway.pem").write_bytes((files / "gateway.pem").read_bytes()[:200]),
    "another key": lambda files: (
        AUTHORITY.issue_gateway().write(files, "other")
        or (files / "gateway.key").write_bytes((files / "other.key").read_bytes())
    ),
    "garbage for a key": lambda files: (files / "gateway.key").write_text("garbage"),
}


@pytest.mark.parametrize("how", BREAK)
async def test_a_broken_file_raises_an_alarm_while_the_former_one_works(how: str, book: TrustBook, files: Path) -> None:  # noqa: F811
    structlog.reset_defaults()
    identity = watched(files)
    before = identity()
    concerns = Concerns(book=lambda: book, identities=[identity])
    whole = {name: (files / name).read_bytes() for name in ("gateway.pem", "gateway.key")}
    BREAK[how](files)
    with capture_logs() as logged:
        await concerns.tick(NOW - 100 * DAY_SECONDS)
        await concerns.tick(NOW - 99 * DAY_SECONDS)
    assert identity() == before
    assert [each["log_level"] for each in logged if "certificate cannot be used" in each["event"]] == ["error"]
    (alarm, *_) = concerns.present(NOW - 100 * DAY_SECONDS)
    assert alarm.urgent
    assert "The former one stays in force until it ends" in alarm.sentence
    for name, content in whole.items():
        (files / name).write_bytes(content)
    assert identity() == before
    assert not identity.fault


async def test_a_certificate_that_partners_refuse_is_told_once_while_it_lasts(book: TrustBook, files: Path) -> None:  # noqa: F811
    structlog.reset_defaults()
    answers = iter(["It bears two names.", "It bears two names.", ""])
    concerns = Concerns(book=lambda: book, identities=[watched(files)], refusal=lambda: next(answers))
    long_ago = NOW - 100 * DAY_SECONDS
    told = []
    with capture_logs() as logged:
        for second in (0, FILES_SECONDS - 1, FILES_SECONDS, 2 * FILES_SECONDS):
            await concerns.tick(long_ago + second)
            told.append([each.sentence for each in concerns.present(long_ago) if each.urgent])
    assert [each["event"] for each in logged] == [
        "partners refuse the certificate",
        "partners take the certificate again",
    ]
    assert [len(each) for each in told] == [1, 1, 1, 0]
    assert "It bears two names. This node's operator must" in told[0][0]


def test_a_first_one_must_be_whole(files: Path) -> None:
    (files / "gateway.pem").write_text("garbage")
    with pytest.raises(ConfigurationInvalid, match="no certificate that can be read"):
        watched(files)()
