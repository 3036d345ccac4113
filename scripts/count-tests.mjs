// Adds up what the test runners said of themselves, and ends with "N passed, N failed". A step that failed without
// naming a failed test counts as one.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

const [, , folder, ...failedSteps] = process.argv;

/** Pairs of (passed, failed) that a runner's closing lines report. */
const CLOSING = [
  // cargo test: "test result: ok. 12 passed; 0 failed; …"
  (text) => [...text.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed;/gm)].map(([, passed, failed]) => [passed, failed]),
  // cargo nextest: "Summary [   1.2s] 40 tests run: 39 passed (1 slow), 1 failed, 2 skipped"
  (text) => [...text.matchAll(/^\s*Summary \[.*?\] +\d+(?:\/\d+)? tests? run: (\d+) passed(?: \([^)]*\))?(?:, (\d+) failed)?(?:, (\d+) timed out)?/gm)]
    .map(([, passed, failed = 0, late = 0]) => [passed, Number(failed) + Number(late)]),
  // vitest: "      Tests  1 failed | 40 passed (41)"
  (text) => [...text.matchAll(/^\s*Tests +(?:(\d+) failed(?: \| )?)?(?:(\d+) passed)?/gm)].map(([, failed = 0, passed = 0]) => [passed, failed]),
  // node --test: "ℹ pass 4", "ℹ fail 0"
  (text) => [...text.matchAll(/^\S pass (\d+)\n\S fail (\d+)\n\S cancelled (\d+)/gm)].map(([, passed, failed, cancelled]) => [passed, Number(failed) + Number(cancelled)]),
  // tests/servers: "12 passed, 0 failed"
  (text) => [...text.matchAll(/^(\d+) passed, (\d+) failed$/gm)].map(([, passed, failed]) => [passed, failed]),
];

let [passed, failed] = [0, 0];
for (const file of readdirSync(folder).filter((name) => name.endsWith('.log')).sort()) {
  const text = readFileSync(path.join(folder, file), 'utf8').replace(/\u001b\[[0-9;]*m/g, '');
  const counts = CLOSING.flatMap((read) => read(text));
  const sum = (index) => counts.reduce((total, pair) => total + Number(pair[index]), 0);
  passed += sum(0);
  failed += sum(1);
  if (failedSteps.includes(path.basename(file, '.log')) && sum(1) === 0) failed += 1;
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && failedSteps.length === 0 && passed > 0 ? 0 : 1);
