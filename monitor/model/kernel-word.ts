/**
 * What the kernel's own freezer says of a container. `cpuNanoseconds` is the CPU time that all its
 * processes have used so far, by the kernel's account; undefined where that cannot be read.
 */
export type KernelWord =
  /** Its freezer says frozen, and its CPU time stood still between two looks. */
  | { readonly state: 'frozen'; readonly cpuNanoseconds: number | undefined }
  /** Its freezer says otherwise, or its CPU time moved. */
  | { readonly state: 'running'; readonly cpuNanoseconds: number | undefined }
  /** Nothing can be read here: a remote engine, no permission, a sandbox with a kernel of its own. */
  | { readonly state: 'unreadable' };
