/* Colours keep a contrast of 4.5 for text and 3 for what is drawn, against the paper, in both
 * schemes. No character of it needs escaping in XML.
 */
#include "cli/report/reportstyle.h"

#include <stddef.h>

/* clang-format off */
const char *const report_style[] = {
    ":root{color-scheme:light dark;--paper:#fff;--desk:#f4f5f7;--ink:#1c2128;--soft-ink:#57606a;"
    "--line:#d9dee4;--hard:#a31d17;--soft:#c77f00;--delayed:#2a66b8;--other:#7b858f;--mark:#6b2fb3}\n",
    "@media (prefers-color-scheme:dark){:root{--paper:#171b21;--desk:#0e1116;--ink:#e8ebef;"
    "--soft-ink:#a3adb8;--line:#313842;--hard:#ff6f66;--soft:#f2b84b;--delayed:#6aa9f5;"
    "--other:#8993a0;--mark:#c29bff}}\n",
    "*{box-sizing:border-box}\n",
    "body{margin:0;background:var(--desk);color:var(--ink);"
    "font:1rem/1.45 system-ui,-apple-system,\"Segoe UI\",Roboto,\"Noto Sans\",sans-serif}\n",
    "main{max-width:76rem;margin:0 auto;padding:1.5rem 1rem 3rem}\n",
    "h1{font-size:1.75rem;line-height:1.2;margin:0 0 .25rem}\n",
    "h2{font-size:1.1rem;margin:0 0 .1rem}\n",
    "p{margin:.25rem 0}\n",
    ".quiet,small{color:var(--soft-ink);font-size:.875rem}\n",
    "small{display:block}\n",
    ".lead{font-size:1.15rem;max-width:60rem;margin:1rem 0}\n",
    "bdi,code,li,small{overflow-wrap:break-word}\n",
    ".columns table,#suppress table{table-layout:fixed}.columns .n{width:5rem}.columns .bar{width:32%}\n",
    "#changes ul{margin:.4rem 0 0;padding-left:1.2rem}\n",
    "code{font-family:ui-monospace,\"DejaVu Sans Mono\",Menlo,Consolas,monospace;font-size:.875em}\n",
    "section,.figures div{background:var(--paper);border:1px solid var(--line);border-radius:.6rem}\n",
    "section{padding:1rem 1.1rem;margin:0 0 1rem;overflow:hidden}\n",
    ".figures{display:grid;grid-template-columns:repeat(5,1fr);gap:.75rem;margin:1rem 0}\n",
    ".figures div{padding:.6rem .9rem;border-top:.25rem solid var(--line)}\n",
    ".figures dt{color:var(--soft-ink);font-size:.875rem}\n",
    ".figures dd{margin:0;font-size:1.6rem;font-weight:650;line-height:1.2;font-variant-numeric:tabular-nums}\n",
    ".figures dd small{font-weight:400;line-height:1.4}\n",
    ".figures .hard{border-top-color:var(--hard)}\n",
    ".figures .soft{border-top-color:var(--soft)}\n",
    ".figures .delayed{border-top-color:var(--delayed)}\n",
    ".columns{columns:2 28rem;column-gap:1rem}\n",
    ".columns section{break-inside:avoid}\n",
    "ol.incidents{list-style:none;margin:.6rem 0 0;padding:0}\n",
    ".incidents li{display:grid;grid-template-columns:2rem 1fr;gap:.2rem .6rem;padding:.6rem 0;border-top:1px solid var(--line)}\n",
    ".incidents .number{width:1.7rem;height:1.7rem;border-radius:50%;background:var(--mark);color:var(--paper);"
    "font-weight:650;font-size:.875rem;line-height:1.7rem;text-align:center}\n",
    ".incidents p{margin:0}\n",
    ".incidents .words{grid-column:2}\n",
    ".plot{display:block;width:100%;height:auto;margin:.5rem 0}\n",
    ".plot text{fill:var(--soft-ink);font-size:12px;font-variant-numeric:tabular-nums}\n",
    ".plot text.mark{fill:var(--paper);font-weight:650;font-size:11px}\n",
    ".narrow{display:none}\n",
    "line.grid{stroke:var(--line)}line.axis{stroke:var(--soft-ink)}\n",
    "rect.hit{fill:transparent}.column:hover rect.hit{fill:var(--line)}\n",
    "rect.hard,i.hard{fill:var(--hard);background:var(--hard)}\n",
    "rect.soft,i.soft{fill:var(--soft);background:var(--soft)}\n",
    "rect.delayed,i.delayed{fill:var(--delayed);background:var(--delayed)}\n",
    "rect.other,i.other{fill:var(--other);background:var(--other)}\n",
    "circle.mark{fill:var(--mark)}\n",
    ".legend{display:flex;flex-wrap:wrap;gap:.25rem 1.2rem;margin:.4rem 0 0;padding:0;list-style:none;font-size:.9rem}\n",
    ".legend i{display:inline-block;width:.8rem;height:.8rem;border-radius:.15rem;margin-right:.4rem;vertical-align:-.05rem}\n",
    "table{width:100%;border-collapse:collapse;margin-top:.6rem;font-size:.925rem}\n",
    "th,td{padding:.28rem .35rem;text-align:left;vertical-align:top;font-weight:400;border-top:1px solid var(--line)}\n",
    "thead th{color:var(--soft-ink);font-size:.8rem;border-top:0}\n",
    /* column names that are heard, not seen */
    ".heard{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}\n",
    ".n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums;width:1%}\n",
    ".bar{width:38%}\n",
    "svg.bar{display:block;width:100%;height:.75rem;margin-top:.3rem;border-radius:.15rem}\n",
    "svg.bar rect{stroke:var(--paper);stroke-width:1px;vector-effect:non-scaling-stroke}\n",
    "details{margin-top:.5rem}summary{cursor:pointer;color:var(--soft-ink);font-size:.9rem}\n",
    ".scroll{overflow-x:auto;max-height:28rem}\n",
    "footer{margin-top:1.5rem}\n",
    "a:focus-visible,summary:focus-visible{outline:2px solid var(--mark);outline-offset:2px}\n",
    ".incidents li:target{background:var(--desk)}\n",
    "@media (max-width:40rem){main{padding:1rem .6rem 2rem}section{padding:.8rem .7rem}"
    ".wide{display:none}svg.narrow{display:block}span.narrow{display:inline}.bar{width:30%}"
    ".figures{grid-template-columns:repeat(2,1fr);gap:.5rem}.figures dd{font-size:1.35rem}}\n",
    "@media print{:root{font-size:10px;color-scheme:light;--paper:#fff;--desk:#fff;--ink:#000;--soft-ink:#444;--line:#ccc;"
    "--hard:#a31d17;--soft:#c77f00;--delayed:#2a66b8;--other:#7b858f;--mark:#6b2fb3}"
    "*{print-color-adjust:exact;-webkit-print-color-adjust:exact}"
    "main{max-width:none;padding:0}section,.figures div,tr,li{break-inside:avoid}details{display:none}"
    ".columns{columns:2}}\n",
    NULL,
};
/* clang-format on */
