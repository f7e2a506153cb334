export function Findings({ selected: _s }: { readonly selected: string | undefined }) {
  return null;
}
