/** What a report's page needs beside its content: how it looks, and how its tables sort. */

export const STYLE = `
:root { color-scheme: light dark; --ground: #fff; --ink: #1c2430; --soft: #5b6675; --line: #d8dde4; --band: #f4f6f8; --good: #1a7f45; --bad: #b3261e; --same: #2457a8 }
@media (prefers-color-scheme: dark) { :root { --ground: #14181d; --ink: #e4e8ed; --soft: #9aa5b3; --line: #343c46; --band: #1c2229; --good: #5ccb8b; --bad: #ff8a80; --same: #8ab4f8 } }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 1rem; max-width: 76rem; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif }
h1 { font-size: 1.5rem; margin: .5rem 0 } h2 { margin: 2.5rem 0 .5rem; border-top: 1px solid var(--line); padding-top: 1rem } h3 { margin: 1.5rem 0 .5rem }
p, li { max-width: 48rem } code, pre { font: 13px/1.5 ui-monospace, monospace } pre { background: var(--band); padding: .7rem; border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere }
.wide { overflow-x: auto } table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap } tbody th, tfoot th, thead th:first-child { text-align: left; font-weight: 600; position: sticky; left: 0; background: var(--ground) }
tfoot td, tfoot th { color: var(--soft); font-weight: normal } small { color: var(--soft) }
th button { all: unset; cursor: pointer; font-weight: 600 } th button:focus-visible { outline: 2px solid var(--same) } th[aria-sort=ascending] button::after { content: ' ▲' } th[aria-sort=descending] button::after { content: ' ▼' }
.verdict { font-size: 12px; padding: 0 .35em; border-radius: 4px; border: 1px solid currentColor } .better { color: var(--good) } .worse { color: var(--bad) } .equivalent { color: var(--same) } .undecided { color: var(--soft) }
.plots, .pictures { display: flex; flex-wrap: wrap; gap: 1rem; align-items: flex-end } .plots svg { max-width: 100%; height: auto } figure { margin: 0 } figcaption { font-size: 12px; color: var(--soft); overflow-wrap: anywhere; max-width: 180px }
.pictures img { width: 180px; height: auto; image-rendering: pixelated; border: 1px solid var(--line); border-radius: 4px } details { margin: .4rem 0 } summary { cursor: pointer }
`;

/** Sorts a table by the column whose head is pressed: once up, twice down. */
export const SCRIPT = `
for (const table of document.querySelectorAll('table.sortable')) {
  const heads = [...table.tHead.rows[0].cells];
  for (const [column, head] of heads.entries()) {
    head.querySelector('button').addEventListener('click', () => {
      const up = head.getAttribute('aria-sort') !== 'ascending';
      for (const other of heads) other.setAttribute('aria-sort', other === head ? (up ? 'ascending' : 'descending') : 'none');
      const value = row => row.cells[column].dataset.value;
      const order = (a, b) => (column === 0 ? value(a).localeCompare(value(b)) : value(a) - value(b)) * (up ? 1 : -1);
      table.tBodies[0].append(...[...table.tBodies[0].rows].sort(order));
    });
  }
}
`;
