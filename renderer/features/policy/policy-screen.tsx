import { useState, type ReactElement } from 'react';
import { Badge } from '../../components/badge.tsx';
import { Choice } from '../../components/choice.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Page } from '../../components/page.tsx';
import { oneLine } from '../../format/plain-text.ts';
import type { PolicyText } from '../../state/model.ts';
import { usePolicyText } from '../../state/use-policy-text.ts';
import { useStore, useView } from '../../state/use-store.ts';
import { Editor } from './editor.tsx';
import styles from './policy.module.css';
import { Preview } from './preview.tsx';
import { Rules } from './rules.tsx';
import { Versions } from './versions.tsx';

const parts = [
  { value: 'rules', label: 'Rules' },
  { value: 'text', label: 'Text' },
  { value: 'preview', label: 'Preview' },
  { value: 'versions', label: 'Versions' },
] as const;

/** What Sentra does about what it finds: read, try, change, go back. */
export function PolicyScreen(): ReactElement {
  const store = useStore();
  const [reading, put] = usePolicyText();
  const draft = useView((state) => state.draft);
  const broken = reading.state === 'read' && reading.text.brokenText !== undefined;
  const [part, setPart] = useState<(typeof parts)[number]['value']>();
  const shown = part ?? (draft !== undefined || broken ? 'text' : 'rules');
  const changed = (text: PolicyText) => {
    store.send({ kind: 'draft', draft: undefined });
    put(text);
  };
  return (
    <Page
      title="Policy"
      aside={
        reading.state === 'read' ? (
          <>
            <span className={styles.source}>{oneLine(reading.text.policy.source, 120)}</span>
            <Badge tone={reading.text.policy.mode === 'enforce' ? 'accent' : 'plain'}>
              {reading.text.policy.mode}
            </Badge>
          </>
        ) : null
      }
    >
      <div className={styles.tools}>
        <Choice label="Part of the policy" options={parts} value={shown} onChange={setPart} />
        {draft === undefined ? null : <span>There are changes that are not saved.</span>}
      </div>
      {reading.state === 'reading' ? <p role="status">Reading the policy…</p> : null}
      {reading.state === 'failed' ? (
        <EmptyState icon="policy" title="The policy cannot be read">
          {oneLine(reading.message)}
        </EmptyState>
      ) : null}
      {reading.state === 'read' ? (
        <Part part={shown} text={reading.text} onChange={put} onReplaced={changed} />
      ) : null}
    </Page>
  );
}

function Part({
  part,
  text,
  onChange,
  onReplaced,
}: {
  readonly part: (typeof parts)[number]['value'];
  readonly text: PolicyText;
  readonly onChange: (text: PolicyText) => void;
  readonly onReplaced: (text: PolicyText) => void;
}): ReactElement {
  switch (part) {
    case 'rules':
      return <Rules text={text} onChange={onChange} />;
    case 'text':
      return <Editor text={text} onSaved={onReplaced} />;
    case 'preview':
      return <Preview text={text} />;
    case 'versions':
      return <Versions text={text} onRestored={onChange} />;
  }
}
