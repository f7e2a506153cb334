import { describe, expect, it } from 'vitest';
import { createBaseline, packBaseline } from '../../../monitor/detect/learned.ts';
import { fromStored, toStored } from '../../../monitor/pipeline/stored-baseline.ts';
import { tellStory } from '../detect/story.ts';

describe('a stored baseline', () => {
  it('comes back as it was', () => {
    const { baseline } = tellStory(true);
    const again = fromStored(toStored('agent#web', baseline, 5));
    expect(again && packBaseline(again)).toEqual(packBaseline(baseline));
  });

  it('of another version, or of another shape, is learned anew', () => {
    const stored = toStored('agent#web', createBaseline(), 5);
    expect(fromStored({ ...stored, version: 99 })).toBeUndefined();
    for (const state of [undefined, null, 'x', {}, { ...(stored.state as object), weight: -1 }]) {
      expect(fromStored({ ...stored, state })).toBeUndefined();
    }
  });
});
