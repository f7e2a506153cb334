/** Where the time of a run went; it may have begun some milliseconds before now. */
export function createSteps(beganMs = 0) {
  const begin = performance.now() - beganMs;
  const steps = [];
  return {
    /** Times a task; what it throws is passed on and marked. */
    async time(name, task) {
      const step = { name, from: performance.now() - begin, seconds: 0, note: '' };
      steps.push(step);
      try {
        const result = await task((note) => (step.note = note));
        return result;
      } catch (error) {
        step.note ||= 'failed';
        throw error;
      } finally {
        step.seconds = (performance.now() - begin - step.from) / 1000;
      }
    },
    /** Adds a step that was timed elsewhere. */
    add(name, seconds, note = '') {
      steps.push({ name, from: 0, seconds, note });
    },
    /** A table with one line a step; steps may overlap, so they add up to more than the whole. */
    table() {
      const whole = (performance.now() - begin) / 1000;
      const width = Math.max(12, ...steps.map(({ name }) => name.length));
      const line = (name, seconds, note) =>
        `  ${name.padEnd(width)} ${seconds.toFixed(1).padStart(7)} s  ${note}`.trimEnd();
      return [
        'Where the time went (steps overlap):',
        ...steps.map(({ name, seconds, note }) => line(name, seconds, note)),
        line('all', whole, ''),
      ].join('\n');
    },
  };
}
