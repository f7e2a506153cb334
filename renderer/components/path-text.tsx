import { Fragment, type ReactElement } from 'react';
import { oneLine } from '../format/plain-text.ts';

/** A path or address, which may go on in the next line after a slash rather than within a name. */
export function PathText({ path }: { readonly path: string }): ReactElement {
  const parts = oneLine(path, 200).split('/');
  return (
    <code>
      {parts.map((part, place) => (
        // The parts have no names and never change places.
        <Fragment key={place}>
          {part}
          {place < parts.length - 1 ? '/' : null}
          <wbr />
        </Fragment>
      ))}
    </code>
  );
}
