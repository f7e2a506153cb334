/** What a person is to know of: the sentences that there are, as one text; undefined without any. */
export function noticeOf(...sentences: readonly (string | undefined)[]): string | undefined {
  const told = sentences.filter((each) => each !== undefined);
  return told.length === 0 ? undefined : told.join(' ');
}
