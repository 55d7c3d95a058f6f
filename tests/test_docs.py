"""The docs against the code: generated pages are current, and the examples in them run."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

from entrepot import __version__, embedded, errors
from entrepot.errors import EntrepotError
from entrepot.parts import measures, sources
from entrepot.sources.generic import mapping_rules
from entrepot.study import question
from entrepot.study.question import names
from entrepot.study.written import answer
from entrepot.workspace import Workspace
from support.commandline import run
from support.sampled import costly, some

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])
OWN_DATA = (DOCS / "how-to/bring-your-own-data.md").read_text("utf-8")
CONVERT = (DOCS / "how-to/convert-revisions.md").read_text("utf-8")
ASK = (DOCS / "how-to/ask.md").read_text("utf-8")
ALONE = ("brief", "ask", "scan", "watch", "screen", "convert", "serve", "site", "mcp")
"""Commands without verbs."""
WRITTEN = {"glossary.md"}
"""Pages of the reference that no code could write."""
PACKAGE = Path(embedded.__file__).parents[1]
NAMING = ("explanation/how-an-answer-is-made.md", "reference/glossary.md")
"""Pages that name files of the package by their paths below it."""
OWN_STUDY = (DOCS / "how-to/write-a-study.md").read_text("utf-8")


@cache
def generated():
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.pages()


def block(page, language):
    """The first fenced block of a language on a page."""
    return re.search(rf"^```{language}\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)[1]


def test_generated_pages_are_current():
    pages = generated()
    folder = DOCS / "reference"
    for name, page in pages.items():
        assert (folder / name).read_text("utf-8") == page, f"{name}: run make docs"
    written = (path for path in folder.rglob("*") if path.is_file())
    assert {path.relative_to(folder).as_posix() for path in written} == {*pages, *WRITTEN}


def test_every_part_is_in_the_reference():
    pages = generated()
    classes = [name for name, kind in vars(errors).items() if isinstance(kind, type)]
    for page, found in (
        ("sources.md", sources()),
        ("measures.md", measures()),
        ("studies.md", names()),
        ("errors.md", classes),
    ):
        for name in found:
            assert f"`{name}`" in pages[page]


def commands() -> str:
    """Every page of the command line's reference, as one text."""
    return "\n".join(text for name, text in generated().items() if name.startswith("cli"))


def test_every_command_is_in_the_reference():
    cli = commands()
    for noun, verbs in {
        "source": ["list", "show", "fetch", "ingest", "status"],
        "vintage": ["list", "show", "diff", "check", "calendar", "revisions"],
        "measure": ["list", "show", "run"],
        "detector": ["list", "show", "run"],
        "estimate": ["list", "show", "run"],
        "reference": ["list", "show", "fetch", "check"],
        "study": ["list", "show", "fetch"],
    }.items():
        for verb in verbs:
            assert f"`entrepot {noun} {verb}`" in cli
    for word in ALONE:
        assert f"`entrepot {word}`" in cli


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_page_is_short_and_its_links_lead_somewhere(path):
    text = path.read_text("utf-8")
    assert len(text.splitlines()) < 500
    for target in re.findall(r"\]\(([^)#\s]+)", text):
        if "://" not in target:
            assert (path.parent / target).exists(), target


@pytest.mark.parametrize("name", NAMING)
def test_every_file_of_the_package_that_a_page_names_is_there(name):
    named = re.findall(r"`([a-z_/0-9-]+(?:/|\.(?:py|toml)))`", (DOCS / name).read_text("utf-8"))
    assert len(named) > 20
    assert [path for path in named if not (PACKAGE / path).exists()] == []


def test_every_word_of_the_glossary_says_where_it_is_used():
    text = (DOCS / "reference/glossary.md").read_text("utf-8")
    rows = [line for line in text.splitlines() if re.match(r"\| (?!word |-)", line)]
    lines = [row for row in rows if not row.startswith("|---")]
    assert len(lines) > 40
    assert all(re.search(r"\| `[a-z_/]+\.py` \|$", line) for line in lines)
    words = [line.split("|")[1].strip() for line in lines]
    assert len({*words}) == len(words)


@pytest.mark.usefixtures("demo")
def test_the_python_of_the_how_to_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    page = (DOCS / "how-to/python.md").read_text("utf-8")
    names = {}
    for code in re.findall(r"^```python\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL):
        exec(code, names)
    assert "$158 million" in names["brief"].headline
    assert names["study"].name == names["brief"].study
    assert names["found"].records()[0]["known"] == "all"
    assert "'Germny'" in capsys.readouterr().out
    assert not (tmp_path / "my-store").exists()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_command_on_a_page_exists(path):
    shell = re.findall(r"^```sh\n(.*?)^```$", path.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    for line in re.findall(r"\bentrepot .*$", "".join(shell), flags=re.MULTILINE):
        words = shlex.split(line, comments=True)[1:3]
        path_of = words[:1] if words[0] in ALONE else words
        assert f"`entrepot {' '.join(path_of)}`" in commands(), line


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "national.csv"
    path.write_text(block(OWN_DATA, "csv"), "utf-8")
    return path


def ingest(table, mapping, csv=None, **options):
    if csv is not None:
        table.write_text(csv, "utf-8")
    desk = Workspace(table.parent / "store")
    desk.ingest("generic", [table], mapping=tomllib.loads(mapping), **options)
    return desk.flows.order_by(["partner", "period"]).to_pyarrow().to_pylist()


def test_the_mapping_of_the_how_to_gives_the_rows_it_promises(table):
    rows = ingest(table, block(OWN_DATA, "toml"))
    shown = [(r["partner"], str(r["period"]), r["product"], r["value_usd"]) for r in rows]
    assert shown == [
        ("GEO", "2023-01-01", "854231", 810.0),
        ("KAZ", "2023-01-01", "854231", 4200.5),
        ("KAZ", "2023-02-01", "854231", 3900.0),
    ]
    assert {(r["reporter"], r["classification"], r["valuation"]) for r in rows} == {
        ("TUR", "HS2022", "FOB")
    }


@pytest.mark.parametrize(
    ("message", "in_csv", "in_toml"),
    [
        ("column 'Birim' is not in the mapping", ("Kilo\n", "Kilo;Birim\n"), None),
        ("no column 'Tutar'", None, ('"Deger"', '"Tutar"')),
        ("unknown country 'Gürcistan' (partner)", ("Georgia", "Gürcistan"), None),
        ("value is '4200,50'; expected a number", None, ('decimal = ","\n', "")),
        ("value is '..'; expected a number", None, ('missing = [".."]', "")),
        ("product 10121 has 5 digits", ("854231;810", "10121;810"), None),
        ("product 854231 has no classification", None, ("\n6 = ", "\n8 = ")),
        ("mapping classification 6 = 'HS2021' is unknown", None, ("HS2022", "HS2021")),
        ("unknown period '2023-Q1' (a quarter)", ("2023-01;G", "2023-Q1;G"), None),
        ("unknown period 'Jan-Jun 2023' (a range of months", ("2023-01;G", "Jan-Jun 2023;G"), None),
        ("value is '-5'; expected zero or more", ("810,00", "-5"), None),
        ("ends inside its last line", (";..;4\n", ""), None),
        ("appears 2 times", ("Georgia", "Kazakhstan"), None),
    ],
)
def test_errors_in_the_how_to_are_those_that_come(table, message, in_csv, in_toml):
    assert f"| `{message}` |" in OWN_DATA
    csv, mapping = block(OWN_DATA, "csv"), block(OWN_DATA, "toml")
    if in_csv:
        csv = csv.replace(*in_csv)
    if in_toml:
        mapping = mapping.replace(*in_toml)
    with pytest.raises(EntrepotError, match=re.escape(message)) as caught:
        ingest(table, mapping, csv)
    assert "national.csv" in str(caught.value)


def test_a_table_that_may_hide_rows_asks_as_the_how_to_says(table):
    mapping = block(OWN_DATA, "toml")
    ingest(table, mapping)
    short = "".join(table.read_text("utf-8").splitlines(keepends=True)[:2])
    mapping = mapping.replace("2023-11-01", "2023-12-01")
    with pytest.raises(EntrepotError, match=r"which is older and has 1 more partners \(GEO\)"):
        ingest(table, mapping, short)
    assert len(ingest(table, mapping, short, scope="part")) == 3
    assert "| `which is older and has 1 more partners (GEO)` |" in OWN_DATA


def test_the_how_to_names_every_key_of_a_mapping():
    schema = json.loads(generated()["schema/mapping.json"])
    tables = [schema, *schema["$defs"].values()]
    known = {key for table in tables for key in table.get("properties", {})}
    known |= {*mapping_rules.SCHEMES}
    missing = {key for key in known if not re.search(rf"([`\[.]|[{{,] ){key}\b", OWN_DATA)}
    assert missing <= {"import", "export", "re-import", "re-export"}


def test_the_study_of_the_how_to_is_answered(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(block(OWN_STUDY, "toml"), "utf-8")
    brief = answer(str(path), tmp_path / "store")
    assert brief.headline.startswith("EU exports of six high-priority goods to Armenia ")
    assert [claim.verdict for claim in brief.claims] == ["reproduced"]
    assert {figure.bound for figure in brief.figures} == {""}
    assert brief.breakdowns[0].rows


QUESTIONS = re.findall(r"^entrepot (.*--demo)$", ASK, flags=re.MULTILINE)


@pytest.mark.usefixtures("demo")
def test_the_questions_of_the_how_to_are_answered(tmp_path):
    assert len(QUESTIONS) > 8
    plain = [line for line in QUESTIONS if not re.search("--out|mine.toml", line)]
    rest = {*plain} - {*some(plain, 3)}
    for line in (line for line in QUESTIONS if line not in rest):
        done = run(*shlex.split(line), cwd=tmp_path, check=False)
        assert done.returncode == 0, f"{line}: {done.stderr}"
    names = {path.name for path in tmp_path.iterdir()}
    assert names >= {"two.png", "answer.html", "answer.xlsx", "answer.svg", "rows.xlsx", "answer"}


CONVERSIONS = re.findall(r"^entrepot (convert .*)$", CONVERT, flags=re.MULTILINE)
LINKS = [
    *[("390721", "390720", "n:1"), ("390729", "390720", "n:1")],
    *[("293149", "293134", "1:n"), ("293149", "293137", "1:n")],
    *[("290960", "290960", "1:n"), ("290960", "291100", "n:n"), ("291100", "291100", "n:1")],
]
"""What UNSD's workbook says of the codes of the example."""
CHOSEN = {"293149": "293134", "290960": "290960", "291100": "291100"}


@pytest.fixture(params=["invented", "real"])
def tables(request, tmp_path):
    """A store with a workbook of the example's links, and one with UNSD's own."""
    from datetime import date

    from entrepot.store import materials
    from support.concordance_books import book

    path = tmp_path / "HS2022toHS2017ConversionAndCorrelationTables.xlsx"
    if request.param == "real":
        path = request.getfixturevalue("shared_data") / "hs" / path.name
    else:
        book(path, LINKS, [*CHOSEN.items(), ("390721", "390720"), ("390729", "390720")])
    materials.keep(tmp_path / "entrepot-store", path, name="unsd_hs", day=date(2024, 5, 1),
                   address="", publisher="UNSD", licence="")  # fmt: skip
    return tmp_path


def test_the_conversions_of_the_how_to_give_what_it_shows(tables):
    (tables / "own.csv").write_text(block(CONVERT, "csv"), "utf-8")
    assert len(CONVERSIONS) == 4
    done = [run(*shlex.split(line), cwd=tables) for line in CONVERSIONS]
    shown, told = re.findall(r"^```text\n(.*?)^```$", CONVERT, re.MULTILINE | re.DOTALL)
    lines = [line.rstrip() for line in done[0].stdout.splitlines()]
    assert lines == [line.rstrip() for line in shown.splitlines()]
    assert {*told.splitlines()} <= {*done[0].stderr.splitlines()}
    assert (tables / "new.xlsx").exists()


def test_the_how_to_of_conversions_names_every_rule_and_option():
    from entrepot.conversion.weights import RULES

    assert all(f"`{rule}`" in CONVERT for rule in RULES)
    page = generated()["cli.md"].partition("### `entrepot convert`")[2].partition("###")[0]
    options = re.findall(r"^ +(--[a-z-]+)", page, re.MULTILINE)
    assert len(options) == 15
    common = {"--source", "--store", "--as-of", "--format", "--help"}
    assert all(option in CONVERT for option in {*options} - common)


def test_the_how_to_names_every_part_of_a_study():
    for section in ("figure", "claim", "tally", "breakdown", "estimate", "picture"):
        assert f"`[[{section}]]`" in OWN_STUDY
    for key in question.Written.__struct_fields__:
        assert re.search(rf"\b{key}\b", OWN_STUDY), key


def test_versions_agree():
    assert f"## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert f"version: {__version__}" in (ROOT / "CITATION.cff").read_text("utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == __version__


@pytest.mark.parametrize("name", ["", "-dev", "-spark"])
def test_the_lock_has_hashes_and_no_addresses(name):
    lock = (ROOT / f"requirements{name}.lock").read_text("utf-8")
    assert "://" not in lock
    pins = re.findall(r"^\S+==\S+.*$", lock, flags=re.MULTILINE)
    assert pins
    assert all(pin.endswith("\\") for pin in pins)


def test_what_is_installed_to_use_it_is_what_the_tests_run_with():
    own, tested = (
        set(re.findall(r"^(\S+==\S+)", (ROOT / name).read_text("utf-8"), flags=re.MULTILINE))
        for name in ("requirements.lock", "requirements-dev.lock")
    )
    assert own < tested


def test_every_make_target_has_its_line_of_help():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    told = set(re.findall(r"^([a-z]+):.*## \w", makefile, flags=re.MULTILINE))
    phony = re.search(r"^\.PHONY: (.*)$", makefile, flags=re.MULTILINE)[1]
    assert told == set(phony.split())


def test_help_loads_no_engine():
    code = "import sys, entrepot.cli; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"duckdb", "ibis", "pyarrow", "numpy", "altair", "fastapi", "httpx"}
    assert not heavy & set(done.stdout.split())


def test_the_design_names_every_layer():
    layers = tomllib.loads((DOCS.parent / "pyproject.toml").read_text("utf-8"))
    (contract,) = [
        one
        for one in layers["tool"]["importlinter"]["contracts"]
        if one["name"] == "data flows one way"
    ]
    held = {name.strip() for line in contract["layers"] for name in line.split("|")}
    table = (DOCS / "explanation/design.md").read_text("utf-8").partition("| layer |")[2]
    named = re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (.*?) \|", table, re.MULTILINE)))
    assert {f"entrepot.{name}" for name in named} >= held


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The docs as a site, built strictly: a link that leads nowhere fails."""
    folder = tmp_path_factory.mktemp("docs")
    words = (sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder)
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False,
                          env=os.environ | {"NO_MKDOCS_2_WARNING": "1"})  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


def in_page(page):
    """The part of a built page that its Markdown was made into."""
    return page.read_text("utf-8").partition("<article")[2].partition("</article>")[0]


@costly
def test_the_site_of_the_docs_has_every_page_and_loads_nothing_from_elsewhere(built):
    pages = {path.relative_to(DOCS).with_suffix(".html") for path in DOCS.rglob("*.md")}
    assert {path.relative_to(built) for path in built.rglob("*.html")} == {
        *pages - {Path("README.html")}, Path("index.html"), Path("404.html")
    }  # fmt: skip
    for page in built.rglob("*.html"):
        text = page.read_text("utf-8")
        assert not re.search(r"<(script|img|iframe)[^>]*\bsrc=.?https?:", text), page
        assert not re.search(r"<link[^>]*(stylesheet|preconnect)[^>]*https?:", text), page


@costly
def test_every_list_of_the_docs_is_a_list_of_the_site(built):
    found = 0
    for path in DOCS.rglob("*.md"):
        text = re.sub(r"^```.*?^```$", "", path.read_text("utf-8"), flags=re.M | re.DOTALL)
        items = re.findall(r"^ *(?:[-*]|\d+\.) ", text, flags=re.MULTILINE)
        name = "index.html" if path == DOCS / "README.md" else (
            path.relative_to(DOCS).with_suffix(".html").as_posix()
        )  # fmt: skip
        page = in_page(built / name)
        assert page.count("<li>") == len(items), path
        assert page.count("<table>") == len(re.findall(r"^\|[ -]*-[-| :]*\|$", text, re.M)), path
        found += len(items)
    assert found > 200
    depths = "".join(re.findall(r"</?ul>", in_page(built / "reference/errors.html")))
    assert depths == f"<ul><ul>{'<ul></ul>' * 3}</ul></ul>"  # kinds of errors, and their kinds
