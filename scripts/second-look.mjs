import { relative } from 'node:path';
import { root } from './project.mjs';

/** More than so many files that fail are no accident of a busy machine. */
const mostFiles = 8;

const hasFailed = ({ status, assertionResults }) =>
  status === 'failed' || assertionResults.some((each) => each.status === 'failed');

/**
 * The test files that are to be run once more, alone, where few failed. What is wrong fails again; what
 * only had too little of the machine, beside four other runs, passes and is named as unsteady.
 */
export function filesForSecondLook(reports) {
  const failed = reports
    .flatMap((report) => report?.testResults ?? [])
    .filter(hasFailed)
    .map(({ name }) => relative(root, name));
  return failed.length <= mostFiles ? failed : [];
}

/**
 * The reports with what the second look came to in place of what it looked at again, and a line for
 * each test that failed beside others and passed alone. A file that failed twice stays failed.
 */
export function afterSecondLook(reports, second) {
  const again = new Map((second?.testResults ?? []).map((file) => [file.name, file]));
  const unsteady = [];
  const replaced = reports.map((report) => {
    if (report === undefined) return report;
    const testResults = report.testResults.map((file) => {
      const later = hasFailed(file) ? again.get(file.name) : undefined;
      if (later === undefined) return file;
      for (const { fullName, status } of file.assertionResults) {
        const passed = later.assertionResults.some(
          (each) => each.fullName === fullName && each.status === 'passed',
        );
        if (status === 'failed' && passed) {
          unsteady.push(`unsteady: failed beside other tests, passed alone: ${fullName}`);
        }
      }
      return later;
    });
    const wasAll = report.testResults.every((file) => !hasFailed(file) || again.has(file.name));
    return { ...report, testResults, success: wasAll && !testResults.some(hasFailed) };
  });
  return { reports: replaced, unsteady };
}
