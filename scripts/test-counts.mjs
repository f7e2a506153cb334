import { relative } from 'node:path';
import { root } from './project.mjs';

/**
 * Counts from vitest's reports, plus one for each check. A file that could not even be loaded counts
 * as one failed test: it has none of its own that could fail.
 */
export function countTests(reports, checks) {
  const counts = { passed: 0, failed: 0, skipped: 0, notes: [] };
  for (const { name, passed } of checks) {
    counts[passed ? 'passed' : 'failed'] += 1;
    if (!passed) counts.notes.push(`failed: ${name} (npm run check)`);
  }
  for (const report of reports) countReport(report, counts);
  return counts;
}

function countReport(report, counts) {
  if (report === undefined) {
    counts.failed += 1;
    counts.notes.push('failed: vitest ended without a report');
    return;
  }
  const before = counts.failed;
  for (const file of report.testResults) {
    let failures = 0;
    for (const { status, fullName } of file.assertionResults) {
      if (status === 'passed') counts.passed += 1;
      else if (status === 'failed') {
        failures += 1;
        counts.notes.push(`failed: ${fullName}`);
      } else {
        counts.skipped += 1;
        counts.notes.push(`skipped: ${fullName}`);
      }
    }
    if (file.status === 'failed' && failures === 0) {
      failures = 1;
      counts.notes.push(`failed: ${relative(root, file.name)} (could not be run)`);
    }
    counts.failed += failures;
  }
  // An error outside any test, for example a rejection that nobody handled.
  if (!report.success && counts.failed === before) {
    counts.failed += 1;
    counts.notes.push('failed: an error outside the tests, see above');
  }
}

/** The test files that took the longest, in seconds, at most eight and none under one second. */
export function slowestFiles(reports) {
  return reports
    .flatMap((report) => report?.testResults ?? [])
    .map(({ name, startTime, endTime }) => ({
      name: relative(root, name),
      seconds: (endTime - startTime) / 1000,
    }))
    .filter(({ seconds }) => seconds >= 1)
    .sort((one, other) => other.seconds - one.seconds)
    .slice(0, 8);
}
