/** What a port tells whoever opened it. */
export interface PortHandlers {
  /** One message, as plain data that nobody has checked. */
  readonly onMessage: (message: unknown) => void;
  /** What waited has been taken by the far end. */
  readonly onDrain: () => void;
  /** The port is closed, by either side; called once. The reason is a sentence. */
  readonly onClose: (reason: string) => void;
}

/**
 * One end of a connection that carries messages: a socket today, a MessagePort of a utility process
 * or a subject of a message bus another day. Messages are plain JSON data.
 */
export interface Port {
  /** Starts delivery. A later call puts other handlers in the place of the first. */
  open(handlers: PortHandlers): void;
  /** Hands a message to the transport; does nothing once the port is closed. */
  send(message: object): void;
  /** Bytes that were handed over and that the far end has not taken yet; 0 where nobody knows. */
  waitingBytes(): number;
  /** Closes both directions; what was sent before is still delivered if the far end takes it soon. */
  close(reason: string): void;
}
