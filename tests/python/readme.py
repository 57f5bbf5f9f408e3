# SPDX-License-Identifier: MIT
"""README.md's sessions of Python, run one after another: python3 readme.py README.md"""
import doctest
import re
import sys

with open(sys.argv[1], encoding="utf-8") as readme:
    blocks = re.findall(r"^```pycon\n(.*?)^```$", readme.read(), re.DOTALL | re.MULTILINE)
session = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, "README.md", sys.argv[1], 0)
result = doctest.DocTestRunner().run(session)
print(f"{result.attempted} examples, {result.failed} failed")
sys.exit(result.failed > 0 or result.attempted == 0)
