"""What Milemarker tells people to type works where they stand."""

from pathlib import Path

import pytest

from deploy.own_command import as_typed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a virtual environment, and in it a `milemarker`."""
    return with_program(tmp_path / "a folder", ".venv/bin/milemarker")


def with_program(folder: Path, name: str) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True)
    file.write_text("#!/bin/sh\n")
    file.chmod(0o755)
    return folder


@pytest.mark.parametrize("program", [".venv/bin/milemarker", "{folder}/.venv/bin/milemarker", "{folder}/deploy/cli.py"])
def test_from_its_folder_it_is_typed_by_the_way_to_it(folder: Path, program: str) -> None:
    typed = as_typed(program.format(folder=folder), f"{folder}/.venv/bin/python", folder, "/nowhere")

    assert typed == ".venv/bin/milemarker"


def test_on_the_path_it_is_typed_by_its_name_unless_that_is_another(folder: Path, tmp_path: Path) -> None:
    program, elsewhere = f"{folder}/.venv/bin/milemarker", with_program(tmp_path / "else", "bin/milemarker")

    assert as_typed(program, "python", tmp_path, f"{folder}/.venv/bin") == "milemarker"
    assert as_typed(program, "python", folder, f"{elsewhere}/bin:{folder}/.venv/bin") == ".venv/bin/milemarker"


def test_from_elsewhere_it_is_typed_in_full_and_from_beside_it_with_a_dot(folder: Path, tmp_path: Path) -> None:
    program = f"{folder}/.venv/bin/milemarker"

    assert as_typed(program, "python", tmp_path / "else", "") == f"'{program}'"
    assert as_typed("./milemarker", "python", folder / ".venv" / "bin", "") == "./milemarker"
    assert as_typed("/usr/bin/pytest", "/nowhere/python", folder, "") == "milemarker"
