import type { WorkloadKey } from '../model/workload.ts';

/** Labels that Docker Compose puts on its containers. */
export const composeLabels = {
  project: 'com.docker.compose.project',
  service: 'com.docker.compose.service',
  oneOff: 'com.docker.compose.oneoff',
} as const;

type Labels = Readonly<Record<string, string>>;

/** The label's value, if it is there and not empty. */
export function labelOf(labels: Labels, name: string): string | undefined {
  const value = Object.hasOwn(labels, name) ? labels[name] : undefined;
  return value === undefined || value === '' ? undefined : value;
}

/**
 * The key that survives re-creation: `repository#project/service` for a compose service and
 * `repository#name` for the rest. The image's tag and digest are left out, so that a baseline
 * outlives a rebuild or an update; an image known by its id only counts as `untagged`. Replicas of
 * one service share a key; a one-off run of a service (`docker compose run`) has its own.
 */
export function workloadKey(image: string, name: string, labels: Labels): WorkloadKey {
  const project = labelOf(labels, composeLabels.project);
  const service = labelOf(labels, composeLabels.service);
  const repository = escape(repositoryOf(image), /[#%]/g);
  if (project === undefined || service === undefined) {
    return `${repository}#${escape(steadyName(name), /[#%/]/g)}`;
  }
  const once = labelOf(labels, composeLabels.oneOff)?.toLowerCase() === 'true' ? '/once' : '';
  return `${repository}#${escape(project, /[#%/]/g)}/${escape(service, /[#%/]/g)}${once}`;
}

/**
 * The repository of an image reference, without tag and digest:
 * `localhost:5000/agent:3@sha256:…` gives `localhost:5000/agent`.
 */
export function repositoryOf(image: string): string {
  const at = image.indexOf('@');
  const named = at < 0 ? image : image.slice(0, at);
  if (named === '' || /^(?:sha256:)?(?:[0-9a-f]{64}|[0-9a-f]{12})$/.test(named)) return 'untagged';
  // A colon before the last slash belongs to a registry's port.
  const colon = named.lastIndexOf(':');
  return colon > named.lastIndexOf('/') ? named.slice(0, colon) : named;
}

/**
 * The name without what compose puts before it while it replaces a container: twelve hexadecimal
 * digits and an underscore.
 */
export function steadyName(name: string): string {
  const steady = name.replace(/^[0-9a-f]{12}_/, '');
  return steady === '' ? name : steady;
}

/** Labels are free text: the marks of the key's own grammar must not come from them. */
function escape(text: string, marks: RegExp): string {
  return text.replace(marks, (mark) => encodeURIComponent(mark));
}
