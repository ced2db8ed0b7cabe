"""Who guards the guards: bugs that somebody might have written, each found by the suite as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.planted.planting import TESTS_FAILED, DoesNotApply, Planted, find, plant, read

BUGS = [read(patch) for patch in sorted(Path(__file__).parent.glob("*.patch"))]


def test_there_are_enough_of_them() -> None:
    assert len(BUGS) >= 15


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_patch_applies_and_tells_its_story(bug: Planted, tmp_path: Path) -> None:
    assert bug.story.endswith(".")
    assert bug.breaks.endswith(".")
    plant(bug, tmp_path)


def test_a_patch_that_does_not_apply_any_more_says_so(tmp_path: Path) -> None:
    gone = Planted("gone", "", "", (), (("gateway/app.py", "nobody wrote this\n", ""),))
    with pytest.raises(DoesNotApply, match=r"does not apply to gateway/app\.py any more"):
        plant(gone, tmp_path)


@pytest.mark.long
@pytest.mark.timeout(700)
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_the_suite_finds_it(bug: Planted, tmp_path: Path) -> None:
    plant(bug, tmp_path)
    found = find(bug, tmp_path)
    told = found.stdout[-3000:] + found.stderr[-3000:]
    assert found.returncode == TESTS_FAILED, f"{bug.name} is not found by {' '.join(bug.found_by)}:\n{told}"
    assert "failed" in told or "broke one" in told, told
