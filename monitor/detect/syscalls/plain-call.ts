/**
 * A call's name as a person is shown it. It comes from a sensor: only what a name can hold is shown, the
 * colon of another table's calls (`i386:ptrace`) with it.
 */
export function plainCall(name: string): string {
  return name.replace(/[^\w. :()-]/g, '?').slice(0, 40);
}
