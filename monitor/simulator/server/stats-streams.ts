import type { ServerResponse } from 'node:http';
import type { Container } from '../container.ts';
import type { OpenStream, OpenStreams } from './open-streams.ts';
import type { Reply } from './reply.ts';
import { noPrevious, sampleLine, takeSample } from './stats-payload.ts';
import type { Previous } from './stats-payload.ts';
import { timestamp } from '../timestamp.ts';
import type { World } from '../world.ts';

/** Somebody who is shown a container's figures at each virtual second. */
interface Watcher {
  readonly container: Container;
  previous: Previous;
  /** Returns whether it wants another. */
  readonly show: (line: string) => boolean;
  /** The container is gone. */
  readonly gone: () => void;
}

/** All that looks at figures: one beat a virtual second serves every stream, as in the engine. */
export class StatsStreams {
  readonly #watchers = new Set<Watcher>();
  readonly #world: World;
  readonly #streams: OpenStreams;

  constructor(world: World, streams: OpenStreams) {
    this.#world = world;
    this.#streams = streams;
  }

  /** A stream of one line a virtual second, from the next whole one on. */
  stream(container: Container): Reply {
    return { kind: 'stream', open: (response) => this.#open(container, response) };
  }

  /** The figures now, with nothing to compare them to. */
  oneShot(container: Container): Reply {
    const { settings, time } = this.#world;
    const sample = takeSample(container, settings, time.now(), timestamp(time.now()));
    return { kind: 'json', status: 200, text: sampleLine(sample, noPrevious) };
  }

  /** One line with something to compare to, which takes two whole virtual seconds to come. */
  afterTwoLooks(container: Container): Reply {
    if (container.state.status !== 'running' && container.state.status !== 'paused') {
      return this.oneShot(container);
    }
    return {
      kind: 'later',
      wait: (answer) => {
        let looks = 0;
        this.#watchers.add({
          container,
          previous: noPrevious,
          show: (line) => {
            looks += 1;
            if (looks === 2) answer({ kind: 'json', status: 200, text: line });
            return looks < 2;
          },
          gone: () => answer(this.oneShot(container)),
        });
      },
    };
  }

  /** Shows everybody the figures at the virtual time `now`. */
  beat(now: number): void {
    const read = timestamp(now);
    for (const watcher of this.#watchers) {
      if (!this.#world.containers.has(watcher.container)) {
        this.#watchers.delete(watcher);
        watcher.gone();
        continue;
      }
      const sample = takeSample(watcher.container, this.#world.settings, now, read);
      const line = sampleLine(sample, watcher.previous);
      watcher.previous = sample;
      if (!watcher.show(line)) this.#watchers.delete(watcher);
    }
  }

  #open(container: Container, response: ServerResponse): void {
    const stream: OpenStream = this.#streams.open(response, container.plan.name, () =>
      this.#watchers.delete(watcher),
    );
    const watcher: Watcher = {
      container,
      previous: noPrevious,
      show: (line) => {
        stream.write(line);
        return true;
      },
      gone: () => stream.end(),
    };
    this.#watchers.add(watcher);
  }
}
