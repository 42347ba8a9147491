// Measures the JavaScript that a page of the static export loads before it shows
// anything, compressed as gzip, and fails when it is more than the budget.
//
//   node tests/first-load.mjs [out]
import console from 'node:console';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { gzipSync } from 'node:zlib';

const out = process.argv[2] ?? 'out';
const budgets = { 'index.html': 200_000, 'sign-in.html': 200_000, 'monitors.html': 240_000, 'monitors/[id].html': 240_000 };

let failed = false;
for (const [page, budget] of Object.entries(budgets)) {
  const html = readFileSync(join(out, page), 'utf8');
  const scripts = new Set([...html.matchAll(/<script[^>]+src="([^"]+\.js)"/g)].map(([, source]) => source));
  const bytes = [...scripts].reduce((sum, source) => sum + gzipSync(readFileSync(join(out, decodeURI(source))), { level: 9 }).length, 0);
  const verdict = bytes <= budget ? 'ok' : `over the budget of ${budget}`;
  failed ||= bytes > budget;
  console.log(`first load of ${page}: ${bytes} bytes of JavaScript in ${scripts.size} files, ${verdict}`);
}
process.exit(failed ? 1 : 0);
