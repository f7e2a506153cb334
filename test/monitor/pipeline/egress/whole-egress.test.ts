import { expect, test } from 'vitest';
import { createWholeEgressService } from '../../../../monitor/pipeline/egress/whole-egress.ts';
import { storeError } from '../../../../monitor/record/store-error.ts';
import { failed, ok } from '../../../../monitor/runtime/result.ts';

test('What is not erased out of the file is said with what to do.', () => {
  const service = createWholeEgressService({
    egress: {
      lockdown: {
        set: () => Promise.resolve(ok(undefined)),
        state: () => undefined,
        warning: () => undefined,
      },
    },
    pipeline: { views: () => [] },
    subscribers: { tell: () => undefined },
    store: {
      egress: {
        add: () => ok(0),
        list: () => ok([]),
        imagesOf: () => ok([]),
        erase: () =>
          failed(storeError('busy', 'Traces are left', 'another program reads the file')),
      },
    },
    clock: { now: () => 0 },
  });
  expect(service.egressErase({ target: undefined })).toMatchObject({
    error: {
      kind: 'not-possible',
      message: 'Traces are left: another program reads the file.',
      advice: expect.stringMatching(
        /^Another program .* Close it\. Then erase once more\.$/,
      ) as string,
    },
  });
});
