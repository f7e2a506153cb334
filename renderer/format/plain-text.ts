// Control characters and those that turn the direction of the text: a container's name must not
// be able to rearrange the line it stands in.
const unsafe = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Text from a container, on one line and at most so many characters, for a person to read. */
export function oneLine(text: string, limit = 300): string {
  const visible = text.replace(unsafe, ' ');
  return visible.length > limit ? `${visible.slice(0, limit - 1)}…` : visible;
}

/** The first twelve digits of a container id, as docker shows it. */
export function shortId(container: string): string {
  return container.slice(0, 12);
}
