import { readFileSync, readdirSync } from 'node:fs';

/** CPU seconds that the threads of a process have used, to the nanosecond; undefined when it is gone. */
export function exactCpuSecondsOf(pid: number): number | undefined {
  let nanoseconds = 0;
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const text = readOrUndefined(`/proc/${pid}/task/${thread}/schedstat`);
      nanoseconds += Number(text?.split(' ')[0] ?? 0);
    }
  } catch {
    // The process ended between two reads: the caller sees that by the undefined.
    return undefined;
  }
  return nanoseconds / 1e9;
}

/** CPU seconds, to the hundredth, of those that it started, that ended and that it has waited for. */
export function endedCpuSecondsOf(pid: number): number {
  const fields = readOrUndefined(`/proc/${pid}/stat`)?.split(') ').at(-1)?.split(' ');
  // proc(5): cutime and cstime, the 16th and 17th field; the first two end with the name's bracket.
  return (Number(fields?.[13]) + Number(fields?.[14])) / 100;
}

/** The process and those that it has started, as far as they live. */
export function familyOf(pid: number): readonly number[] {
  const text = readOrUndefined(`/proc/${pid}/task/${pid}/children`) ?? '';
  return [pid, ...text.split(' ').filter(Boolean).map(Number)];
}

/** Resident memory in bytes; undefined when the process is gone. */
export function residentBytesOf(pid: number): number | undefined {
  const match = /^VmRSS:\s+(\d+) kB/m.exec(readOrUndefined(`/proc/${pid}/status`) ?? '');
  return match === null ? undefined : Number(match[1]) * 1024;
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Gone.
    return undefined;
  }
}
