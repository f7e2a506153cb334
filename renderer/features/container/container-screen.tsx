export function ContainerScreen({ container: _c }: { readonly container: string }) {
  return null;
}
