#!/usr/bin/env python3
"""Reads a page of "mailctl report --html" as XML.

usage: report_page.py check PAGE                 it is whole, has no script, and nothing on it is fetched or leads away
       report_page.py same PAGE DOMAINS MONTHS   its numbers are those of "report -o json" in the two files, by domain and by month
"""
import json
import re
import sys
import xml.etree.ElementTree as ElementTree

XHTML, SVG = "{http://www.w3.org/1999/xhtml}", "{http://www.w3.org/2000/svg}"
FETCHING = {"href", "src", "srcset", "action", "data", "poster", "background", "cite", "ping", "manifest", "formaction"}
KNOWN = set("html head meta title style body header main section footer h1 h2 p dl div dt dd figure table caption thead tbody tfoot tr th td data time".split())
DRAWN = set("svg title desc rect text line g".split())


def local(name):
    return name.rsplit("}", 1)[-1]


def check(root):
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids)), "an id is there twice"
    for e in root.iter():
        assert (e.tag.startswith(XHTML) and local(e.tag) in KNOWN) or (e.tag.startswith(SVG) and local(e.tag) in DRAWN), e.tag
        for name, value in e.attrib.items():
            assert local(name) not in FETCHING and not local(name).startswith("on") and local(name) != "style", (e.tag, name)
            assert "//" not in value and "url(" not in value, (e.tag, name, value)
    for style in root.iter(XHTML + "style"):
        assert not re.search(r"url\(|@import|//|expression", style.text), "the style sheet fetches something"
    for svg in root.iter(SVG + "svg"):
        told = {e.get("id"): e for e in svg if local(e.tag) in ("title", "desc")}
        assert svg.get("role") == "img" and svg.get("aria-labelledby").split() == list(told), "a plot without words"
        assert all(e.text.strip() for e in told.values())
    for table in root.iter(XHTML + "table"):
        assert table.find(XHTML + "caption").text
        assert all(th.get("scope") in ("col", "row") for th in table.iter(XHTML + "th")), "a head of nothing"


def text_of(e):
    return "".join(e.itertext())


def number(cell):
    return int(cell.find(XHTML + "data").get("value"))


def read_table(root, name):
    """Of each row its name and its numbers, by the head of their columns; the sums are the row "all"."""
    table = next((t for t in root.iter(XHTML + "table") if t.get("id") == name), None)
    if table is None:
        return {}
    heads = [text_of(th) for th in table.find(XHTML + "thead").iter(XHTML + "th")]
    rows = {}
    for tr in list(table.find(XHTML + "tbody")) + list(table.find(XHTML + "tfoot")):
        cells = list(tr)
        assert len(cells) == len(heads), text_of(tr)
        rows[text_of(cells[0])] = {h: number(c) for h, c in zip(heads[1:], cells[1:]) if c.find(XHTML + "data") is not None}
    return rows


COLUMNS = {
    "states": {"mailboxes": "mailboxes", "active": "active", "stopped": "stopped", "expired": "expired", "removed": "removed", "ending soon": "ending_soon", "aliases": "aliases", "lists": "lists"},
    "quota": {"promised": "quota_bytes", "without a quota": "without_quota", "used": "used_bytes", "not measured": "not_measured"},
    "forwards": {"to the outside": "forwards_outside", "all forwards": "forwards"},
    "use": {"never used": "never_used", "idle": "idle", "unknown": "use_unknown"},
}


def same_domains(root, domains):
    has_mail = any("used_bytes" in d for d in domains)
    for name, columns in COLUMNS.items():
        rows = read_table(root, name)
        assert bool(rows) == (bool(domains) and (has_mail or name != "use")), name
        if not rows:
            continue
        total = rows.pop("all")
        others = [rows.pop(r) for r in list(rows) if re.fullmatch(r"[0-9,]+ other domains", r)]
        wanted = {d["domain"]: d for d in domains}
        assert set(rows) <= set(wanted)
        assert len(others) == (0 if len(rows) == len(wanted) else 1), name
        left = [d for n, d in wanted.items() if n not in rows]
        first = columns[next(iter(next(iter(rows.values()))))]
        for d in left: # those that are named have more than those that are not
            assert all(d[first] <= wanted[n][first] for n in rows), (name, d)
        for head in total:
            key = columns[head]
            for n, row in rows.items():
                assert row[head] == wanted[n][key], (name, n, head)
            assert total[head] == sum(d[key] for d in domains), (name, head)
            assert not others or others[0][head] == sum(d[key] for d in left), (name, head)
        same_plot(root, name + "-plot", rows, others)


def same_plot(root, name, rows, others):
    """Of each series, all bars are as long as their numbers are great."""
    svg = next(s for s in root.iter(SVG + "svg") if s.get("id") == name)
    named = {}
    for rect in svg.iter(SVG + "rect"):
        tip = rect.find(SVG + "title")
        if tip is not None:
            named.setdefault(tip.text.rsplit(": ", 1)[0], {})[int(rect.get("class")[-1])] = float(rect.get("width"))
    heads = [text_of(t) for t in svg.iter(SVG + "text") if t.get("class") == "key"]
    if not heads:
        heads = [next(iter(next(iter(rows.values()))))]
    scale = set()
    for n, bars in named.items():
        row = rows[n] if n in rows else others[0]
        assert {i for i, h in enumerate(heads) if row[h] > 0} == set(bars), (name, n)
        scale |= {round(row[heads[i]] / width, 9) for i, width in bars.items() if width > 20}
    assert not scale or max(scale) <= 1.01 * min(scale), (name, scale)


def same_months(root, months):
    rows = read_table(root, "months")
    wanted = {m["month"]: [m[k] for k in ("created", "ends", "expired", "removed")] for m in months}
    if not any(any(v) for v in wanted.values()):
        assert not rows
        return
    have = {n: [r[h] for h in ("made", "ends", "expired", "removed")] for n, r in rows.items()}
    total, before, later = have.pop("all"), have.pop("before", [0] * 4), have.pop("later", [0] * 4)
    names = sorted(have)
    assert list(have) == names
    add = lambda lists: [sum(c) for c in zip([0] * 4, *lists)]
    for n, row in have.items():
        assert row == wanted.get(n, [0] * 4), n
    assert total == add(wanted.values()), "all"
    outside = [n for n in wanted if n not in have]
    if names:
        assert before == add(wanted[n] for n in outside if n < names[0]) and later == add(wanted[n] for n in outside if n > names[-1])
    else:
        assert add([before, later]) == total


def main():
    root = ElementTree.parse(sys.argv[2]).getroot()
    check(root)
    if sys.argv[1] == "same":
        domains, months = (json.load(open(f))["items"] for f in sys.argv[3:5])
        same_domains(root, domains)
        same_months(root, months)


main()
