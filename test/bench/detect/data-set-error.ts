/** Something is wrong with the data that a bench was given; the message is meant for people. */
export class DataSetError extends Error {
  override readonly name = 'DataSetError';
}
