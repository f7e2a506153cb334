/** Names of CSS classes as one attribute; what is missing or not to be used is left out. */
export function classes(...names: readonly (string | undefined | false)[]): string {
  return names.filter((name) => name !== undefined && name !== false).join(' ');
}
