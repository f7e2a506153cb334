import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { failed, ok, type Result } from '../../runtime/result.ts';

/** The loader and the program for the kernel that it loads. */
export interface KernelProgram {
  readonly loader: string;
  readonly object: string;
}

/** Finds what `scripts/kernel-sensor.mjs` built, above the running code; else says what to do. */
export function findKernelProgram(
  from: string = import.meta.dirname,
): Result<KernelProgram, string> {
  if (process.getuid?.() !== 0) {
    return failed('Counting system calls in the kernel needs root: start Sentra with sudo.');
  }
  if (!existsSync('/sys/kernel/btf/vmlinux')) {
    return failed(
      'This kernel does not describe its types (no /sys/kernel/btf/vmlinux): one built with ' +
        'CONFIG_DEBUG_INFO_BTF is needed to count system calls.',
    );
  }
  for (let folder = from; ; folder = dirname(folder)) {
    const built = join(folder, 'dist', 'sensor');
    const program = {
      loader: join(built, 'sentra-syscalls'),
      object: join(built, 'syscalls.bpf.o'),
    };
    if (existsSync(program.loader) && existsSync(program.object)) return ok(program);
    if (folder === dirname(folder)) break;
  }
  return failed(
    'The kernel sensor is not built: install clang, libbpf-dev, libelf-dev and zlib1g-dev, and ' +
      'start Sentra again.',
  );
}
