#pragma once

#include <string_view>

/// Internal.
namespace vmail::page {

/// Of the page: nothing in it is fetched, and no character of it means something to XML.
inline constexpr std::string_view style = R"(
:root { color-scheme: light dark; --paper: #fff; --ink: #1c2024; --faint: #5b6570; --line: #d4dae0; --band: #eef2f6;
  --s0: #2f6fa8; --s1: #e0962a; --s2: #a8323a; --s3: #8a949e; }
@media (prefers-color-scheme: dark) { :root { --paper: #16191d; --ink: #e6e9ec; --faint: #a3adb7; --line: #39414a; --band: #22282e;
  --s0: #6aaee6; --s1: #f0b45a; --s2: #e6757c; --s3: #7c8791; } }
@media print { :root { color-scheme: light; --paper: #fff; --ink: #000; --faint: #444; --line: #bbb; --band: #eee;
  --s0: #2f6fa8; --s1: #e0962a; --s2: #a8323a; --s3: #8a949e; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 62rem; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.8rem; line-height: 1.2; }
h2 { margin: 2.5rem 0 .5rem; padding-top: .75rem; border-top: 1px solid var(--line); font-size: 1.25rem; break-after: avoid; }
p { margin: .25rem 0 1rem; max-width: 46rem; }
.about, footer, caption, .note { color: var(--faint); }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .75rem; margin: 1.5rem 0 0; }
dl div { display: flex; flex-direction: column-reverse; justify-content: flex-end; padding: .6rem .8rem; border: 1px solid var(--line); border-radius: .4rem; break-inside: avoid; }
dt { color: var(--faint); font-size: .85rem; }
dd { margin: 0; font-size: 1.45rem; font-weight: 600; line-height: 1.25; }
figure { margin: 1rem 0; overflow-x: auto; break-inside: avoid; }
svg { display: block; width: 100%; min-width: 38rem; height: auto; font: 12px system-ui, sans-serif; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
svg text { fill: var(--ink); dominant-baseline: middle; }
svg .label { text-anchor: end; }
svg .key, svg .tick { dominant-baseline: auto; }
svg .tick { text-anchor: middle; fill: var(--faint); font-size: 11px; }
svg .strip { font-weight: 600; }
svg .bar { stroke: var(--paper); stroke-width: .5; }
svg .ground { stroke: var(--line); }
svg .now { fill: var(--band); }
.s0 { fill: var(--s0); } .s1 { fill: var(--s1); } .s2 { fill: var(--s2); } .s3 { fill: var(--s3); }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
caption { break-after: avoid; padding: .25rem 0; text-align: left; font-size: .85rem; }
th, td { padding: .3rem .5rem; border-bottom: 1px solid var(--line); text-align: right; vertical-align: baseline; }
th { font-weight: 600; }
thead th { color: var(--faint); font-size: .8rem; vertical-align: bottom; }
th:first-child { width: 36%; min-width: 13rem; text-align: left; overflow-wrap: anywhere; }
td.word { text-align: left; white-space: nowrap; }
tbody th { font-weight: 400; }
tfoot th, tfoot td { border-top: 2px solid var(--line); font-weight: 600; }
tr { break-inside: avoid; }
footer { margin-top: 2.5rem; padding-top: .75rem; border-top: 1px solid var(--line); font-size: .85rem; }
@page { margin: 15mm; }
@media print { body { padding: 0; max-width: none; font-size: 11pt; } .wide, figure { overflow: visible; } svg { min-width: 0; }
  dl { grid-template-columns: repeat(5, 1fr); } section p { break-inside: avoid; break-after: avoid; } h2 { margin-top: 1.5rem; }
  table { font-size: .8rem; } th, td { padding: .2rem .35rem; } tfoot { display: table-row-group; } }
)";

} // namespace vmail::page
