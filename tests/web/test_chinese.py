"""Chinese is set as Chinese: its own commas, colons and brackets."""

import re
from pathlib import Path

import pytest

from orchard import words

HALF_WIDTH = re.compile("[\u4e00-\u9fff][,:;?!()]|[,:;?!()][\u4e00-\u9fff]")
CHINESE = [path for path in words.sources() if path.parts[-3] == "zh_CN"]


@pytest.mark.parametrize("source", CHINESE, ids=lambda path: path.stem)
def test_no_western_punctuation_stands_beside_a_chinese_character(source: Path) -> None:
    lines = [line for line in source.read_text("utf-8").splitlines() if line.startswith("msgstr")]
    assert [line for line in lines if HALF_WIDTH.search(line)] == []
