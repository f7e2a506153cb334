import type { ReactElement } from 'react';
import { bytes } from '../../format/bytes.ts';
import { countOf } from '../../format/number.ts';
import { oneLine } from '../../format/plain-text.ts';
import type { EgressPreview, EgressView } from '../../state/model.ts';
import styles from './egress.module.css';
import type { Checking } from './use-check.ts';

/** Whether the draft can be kept, and what it would have refused in the past day. */
export function PreviewLine({
  checking,
  whole,
  mode,
}: {
  readonly checking: Checking;
  /** What is wrong with the list as a whole. */
  readonly whole: string | undefined;
  readonly mode: EgressView['mode'];
}): ReactElement {
  const { pending, problems, preview, failure } = checking;
  const words =
    failure !== undefined
      ? `It could not be checked: ${oneLine(failure, 300)}`
      : whole !== undefined
        ? oneLine(whole, 400)
        : problems.size > 0
          ? countOf(problems.size, 'problem')
          : preview === undefined
            ? 'Checking…'
            : previewWords(preview, mode);
  return (
    <div className={styles.preview}>
      <p role="status" className={problems.size > 0 ? styles.problem : styles.soft}>
        {words}
        {pending && preview !== undefined ? ' Checking…' : ''}
      </p>
      {preview === undefined ||
      preview.wouldRefuseCount + preview.stillRefusedCount === 0 ? null : (
        <details>
          <summary>What it would have refused</summary>
          <Refused preview={preview} />
        </details>
      )}
    </div>
  );
}

/** What a list would have done, in a sentence or two. */
export function previewWords(preview: EgressPreview, mode: EgressView['mode']): string {
  const { destinations, wouldRefuseCount, unnamed, wouldAllowCount, stillRefusedCount } = preview;
  if (destinations === 0) return 'Nothing was seen in the past day that it could be tried on.';
  const when = mode === 'enforce' ? 'It' : 'Enforced, it';
  const first = `${when} would have refused ${wouldRefuseCount} of ${countOf(destinations, 'destination')} of the past day.`;
  const second =
    unnamed > 0 ? ` Of ${unnamed} no name is known, so a rule by name may fit them yet.` : '';
  const refused = wouldAllowCount === 1 ? 'was refused' : 'were refused';
  const third = wouldAllowCount > 0 ? ` ${wouldAllowCount} that ${refused} would pass.` : '';
  const fourth =
    stillRefusedCount > 0
      ? ` ${countOf(stillRefusedCount, 'refused name')} would be refused again.`
      : '';
  return `${first}${second}${third}${fourth}`;
}

/** The destinations that would have been refused, and the names that were and would be again. */
export function Refused({ preview }: { readonly preview: EgressPreview }): ReactElement {
  const { wouldRefuse, wouldRefuseCount, stillRefused, stillRefusedCount } = preview;
  const more = wouldRefuseCount - wouldRefuse.length + stillRefusedCount - stillRefused.length;
  return (
    <ul className={styles.refused}>
      {wouldRefuse.map(({ address, name, protocol, port, sentBytes, receivedBytes }) => (
        <li key={`${name ?? ''} ${address} ${protocol} ${port ?? ''}`}>
          {oneLine(name ?? address, 120)} {oneLine(protocol, 12)} {port ?? ''}
          <span className={styles.soft}>
            {' '}
            {bytes(sentBytes)} sent, {bytes(receivedBytes)} received
          </span>
        </li>
      ))}
      {stillRefused.map(({ name, refused, held }) => (
        <li key={name}>
          {oneLine(name, 120)}
          <span className={styles.soft}> asked for {countOf(refused + held, 'time')}, refused</span>
        </li>
      ))}
      {more > 0 ? <li className={styles.soft}>{more} more</li> : null}
    </ul>
  );
}
