import { textOf } from '../sensors/resource/held-file.ts';

/** What a process has cost so far, and holds now. */
export interface ProcessCost {
  readonly cpuMicroseconds: number;
  readonly residentBytes: number;
}

/**
 * The cost of another process of this machine, from Linux's /proc: the CPU time of its main thread, to
 * the nanosecond, and its resident memory. Undefined where that is not told, or it has ended.
 */
export function costOfProcess(pid: number, procFolder = '/proc'): ProcessCost | undefined {
  const schedule = /^(\d+) /.exec(textOf(`${procFolder}/${pid}/schedstat`) ?? '');
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(textOf(`${procFolder}/${pid}/status`) ?? '');
  if (schedule === null || resident === null) return undefined;
  return {
    cpuMicroseconds: Number(schedule[1]) / 1000,
    residentBytes: Number(resident[1]) * 1024,
  };
}
