/** What a piece of text stands for; how it looks is decided in one place. */
export type Tone = 'plain' | 'faint' | 'strong' | 'good' | 'news' | 'warning' | 'alarm' | 'held';

/** Puts a tone on plain text. */
export type Paint = (text: string, tone: Tone) => string;

/** Select Graphic Rendition parameters, of the 16 colours that every terminal theme defines. */
const renditions: Readonly<Record<Tone, string | undefined>> = {
  plain: undefined,
  faint: '2',
  strong: '1',
  good: '32',
  news: '36',
  warning: '33',
  alarm: '1;31',
  held: '1;35',
};

/** Colours for a terminal, or none. */
export function createPaint(isColoured: boolean): Paint {
  return (text, tone) => {
    const rendition = renditions[tone];
    if (!isColoured || rendition === undefined || text === '') return text;
    return `\u001b[${rendition}m${text}\u001b[0m`;
  };
}
