#!/usr/bin/env python3
"""Makes a table in Markdown, on standard output, and a plot of the figures that compare.py left in DATA, whose titles are sizes.

    growth.py DATA PLOT.svg
"""
import math
import sys
from html import escape

WIDTH, HEIGHT = 960, 560
LEFT, RIGHT, TOP, BOTTOM = 80, 300, 60, 60
COLOURS = ["#0b5fa5", "#c2410c", "#15803d", "#7e22ce", "#b91c1c", "#0e7490", "#a16207", "#be185d", "#4d7c0f"]


def read(path):
    works = {}
    with open(path) as file:
        for line in file:
            size, work, clock, processors, memory = line.rstrip("\n").split("\t")
            works.setdefault(work, {})[int(size)] = (float(clock), float(processors), int(memory) / 1024)
    return works


def is_peer(work):
    return work.startswith("ldap")


def seconds(value):
    return f"{value * 1000:.1f} ms" if value < 0.1 else f"{value:.2f} s"


def table(works, sizes):
    head = [f"{s:,}" for s in sizes] + [f"{s:,}, of processors" for s in sizes] + ["grows", "most memory"]
    yield "| work | " + " | ".join(head) + " |"
    yield "| --- |" + " --: |" * len(head)
    for work, at in works.items():
        cells = [seconds(at[s][0]) for s in sizes] + [seconds(at[s][1]) for s in sizes]
        cells += [f"{at[sizes[-1]][1] / at[sizes[0]][1]:.1f} x", f"{max(m for _, _, m in at.values()):.0f} MB"]
        yield f"| {work} | " + " | ".join(cells) + " |"


def decades(values):
    return range(math.floor(math.log10(min(values))), math.ceil(math.log10(max(values))) + 1)


def spread(places, least):
    """Moves labels apart that would lie upon each other, from the top down."""
    moved, last = {}, -math.inf
    for name, y in sorted(places.items(), key=lambda p: p[1]):
        last = moved[name] = max(y, last + least)
    return moved


def plot(works, sizes):
    rows = decades([processors for at in works.values() for _, processors, _ in at.values()])
    span = math.log10(sizes[-1] / sizes[0]) or 1

    def x(size):
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log10(size / sizes[0]) / span

    def y(value):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (math.log10(value) - rows[0]) / (rows[-1] - rows[0])

    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="13">'
    yield "<title>What works cost, and how large the directory is</title>"
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>'
    yield f'<text x="{LEFT}" y="24" font-size="17" font-weight="bold">What works cost, and how large the directory is</text>'
    yield f'<text x="{LEFT}" y="44" fill="#555">time of the processors, of whole processes and of slapd together; both scales are logarithmic; dashed: OpenLDAP\'s own tools</text>'
    for power in rows:
        at = y(10.0**power)
        yield f'<line x1="{LEFT}" y1="{at:.1f}" x2="{WIDTH - RIGHT}" y2="{at:.1f}" stroke="#ddd"/>'
        yield f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{f"{10**power:g} s" if power >= 0 else f"{10 ** (power + 3):g} ms"}</text>'
    for size in sizes:
        yield f'<line x1="{x(size):.1f}" y1="{TOP}" x2="{x(size):.1f}" y2="{HEIGHT - BOTTOM}" stroke="#ddd"/>'
        yield f'<text x="{x(size):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{size:,}</text>'
    yield f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 14}" text-anchor="middle">mailboxes in the directory</text>'
    labels = spread({work: y(at[sizes[-1]][1]) for work, at in works.items()}, 17)
    ours = [work for work in works if not is_peer(work)]
    for work, at in works.items():
        colour = "#555" if is_peer(work) else COLOURS[ours.index(work) % len(COLOURS)]
        dashes = ' stroke-dasharray="5 4"' if is_peer(work) else ""
        points = " ".join(f"{x(s):.1f},{y(at[s][1]):.1f}" for s in sizes)
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>'
        for s in sizes:
            yield f'<circle cx="{x(s):.1f}" cy="{y(at[s][1]):.1f}" r="3" fill="{colour}"/>'
        edge = WIDTH - RIGHT
        yield f'<line x1="{edge + 4}" y1="{y(at[sizes[-1]][1]):.1f}" x2="{edge + 16}" y2="{labels[work]:.1f}" stroke="{colour}"/>'
        yield f'<text x="{edge + 20}" y="{labels[work] + 4:.1f}" fill="{colour}">{escape(work)}, {seconds(at[sizes[-1]][1])}</text>'
    yield "</svg>"


def main():
    works = read(sys.argv[1])
    sizes = sorted(set.intersection(*(set(at) for at in works.values())))
    with open(sys.argv[2], "w") as out:
        out.write("\n".join(plot(works, sizes)) + "\n")
    print("\n".join(table(works, sizes)) + "\n\n![growth](growth.svg)\n")


if __name__ == "__main__":
    main()
